"""A stand-in for the OBIS and WoRMS services over records that this project makes up: see
`server.py`.
"""
