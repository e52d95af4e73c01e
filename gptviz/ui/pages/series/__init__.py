"""The series: the GPTs from 2018 on and their relatives, on one scale with what runs here."""
