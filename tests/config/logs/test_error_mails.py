"""What strangers send wrongly is written to the log; operators get no mail of it, or anybody could
send them one.
"""

import logging
from threading import Event

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from config.logs import error_mails


@pytest.mark.django_db
def test_a_forged_host_sends_no_mail_to_the_operators(settings, mailoutbox):
    settings.ADMINS, settings.DEBUG = [("Operator", "operator@example.org")], False
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400
    assert mailoutbox == []


@pytest.fixture
def operator(settings, monkeypatch):
    """An operator who has had no mail in this hour."""
    settings.ADMINS, settings.DEBUG = [("Operator", "operator@example.org")], False
    monkeypatch.setattr(error_mails, "ALLOWANCE", error_mails.Allowance())


def fault(number: int = 0) -> None:
    logging.getLogger("django.request").error("Page %s failed.", number)


def test_a_fault_of_ours_sends_one(operator, mailoutbox):
    fault()
    error_mails.OUTBOX.wait()
    assert len(mailoutbox) == 1


def test_the_same_fault_sends_one_an_hour_however_often_it_is_met(operator, mailoutbox):
    for _ in range(20):
        try:
            raise ValueError("a fault")
        except ValueError:
            logging.getLogger("django.request").exception("A page failed.")
    error_mails.OUTBOX.wait()
    assert len(mailoutbox) == 1


def test_different_faults_send_few_in_all(operator, mailoutbox):
    for number in range(100):
        fault(number)
    error_mails.OUTBOX.wait()
    assert len(mailoutbox) == error_mails.MOST


def test_the_first_mail_of_the_next_hour_says_how_many_were_held_back():
    allowance = error_mails.Allowance()
    assert [allowance.grant("a", now) for now in (0.0, 1.0, 2.0)] == [0, None, None]
    assert allowance.grant("a", error_mails.HOUR + 1) == 2


def test_no_visitor_waits_for_the_mail_server(operator, settings, monkeypatch):
    arrived, released = Event(), Event()

    class Slow(BaseEmailBackend):
        def send_messages(self, messages):
            arrived.set()
            released.wait(30)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", Slow)
    try:
        fault()  # returns while the server has not taken the mail
        assert arrived.wait(10)
        assert error_mails.OUTBOX.waiting.unfinished_tasks == 1
    finally:
        released.set()
        error_mails.OUTBOX.wait()
