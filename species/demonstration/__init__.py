"""Demonstration data, made by this project: real taxa in plausible places, in datasets that say
what they are.
"""
