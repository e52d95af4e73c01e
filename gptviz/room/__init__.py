"""A class that acts at once: rooms with a code, rounds that are asked in them, answers, tallies and scores."""

from __future__ import annotations

from gptviz.room.records import Joined, Snapshot
from gptviz.room.room import Room
from gptviz.room.rooms import ROOMS, Rooms
from gptviz.room.rounds import Actual, Candidate, Follow, Guess, Probe, Vote

__all__ = ["ROOMS", "Actual", "Candidate", "Follow", "Guess", "Joined", "Probe", "Room", "Rooms", "Snapshot", "Vote"]
