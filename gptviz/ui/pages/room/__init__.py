"""The teacher's side of a room: its code, what is asked, how it goes, what came."""
