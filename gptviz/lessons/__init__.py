"""Lessons: Markdown files whose steps drive the app's own pages and check themselves against the model that is open.

``lesson`` says what one is made of, ``reading`` reads a file, ``quantities`` measures, ``checks`` decides, ``shelf``
finds the files. Pure: nothing here knows a page or a visitor.
"""
