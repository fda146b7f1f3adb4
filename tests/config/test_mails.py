"""What strangers send wrongly is written to the log; operators get no mail of it, or anybody could send them one."""

import logging

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_forged_host_sends_no_mail_to_the_operators(settings, mailoutbox):
    settings.ADMINS, settings.DEBUG = [("Operator", "operator@example.org")], False
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_fault_of_ours_sends_one(settings, mailoutbox):
    settings.ADMINS, settings.DEBUG = [("Operator", "operator@example.org")], False
    logging.getLogger("django.request").error("A page failed.")
    assert len(mailoutbox) == 1
