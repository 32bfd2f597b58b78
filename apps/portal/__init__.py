"""The frame around all pages: home, navigation, preferences, health."""
