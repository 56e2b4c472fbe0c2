"""Prints what the windows of this desktop show, as one JSON array of texts for each line read.

For the line "places" each text is an array: the text, and x, y, width and height of where it is in its window.

Takes it from the accessibility bus, as a screen reader does. Debian's Python: the library is not on npm.
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

DEEPEST = 60
MOST = 5000


def place_of(node):
    part = node.get_component_iface()
    if part is None:
        return [0, 0, 0, 0]
    place = Atspi.Component.get_extents(part, Atspi.CoordType.WINDOW)
    return [place.x, place.y, place.width, place.height]


def texts_of(node, shown, found, depth, places):
    if node is None or depth > DEEPEST or len(found) > MOST:
        return
    try:
        if depth > 0 and not node.get_state_set().contains(shown):
            return
        name = node.get_name() or ""
        text = ""
        content = node.get_text_iface()
        if content is not None:
            text = Atspi.Text.get_text(content, 0, Atspi.Text.get_character_count(content)) or ""
        if name or text:
            found.append([text or name, *place_of(node)] if places else text or name)
        for index in range(node.get_child_count()):
            texts_of(node.get_child_at_index(index), shown, found, depth + 1, places)
    except GLib.Error:
        # it went away while it was read
        return


def main():
    Atspi.init()
    desktop = Atspi.get_desktop(0)
    for asked in sys.stdin:
        places = asked.strip() == "places"
        found = []
        # nothing here hears of changes
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(index)
            if app is not None:
                # GTK 4 says of its windows only that they are showing
                gtk4 = (app.get_toolkit_version() or "").startswith("4.")
                shown = Atspi.StateType.VISIBLE if gtk4 else Atspi.StateType.SHOWING
                texts_of(app, shown, found, 0, places)
        print(json.dumps(found), flush=True)


main()
