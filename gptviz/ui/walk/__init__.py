"""The walk from token to token: the state that Next token and Step by step share, its actions, its link, its scene."""
