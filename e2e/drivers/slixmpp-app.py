"""The program that the slixmpp driver starts: a small IM app that reads what to do, and writes what it sees, as JSON lines."""

import asyncio
import json
import os
import sys
import xml.etree.ElementTree as ET

import slixmpp

STATES = ("composing", "active", "paused", "inactive", "gone")


def tell(what, **facts):
    print(json.dumps({"is": what, **facts}), flush=True)


class App(slixmpp.ClientXMPP):
    def __init__(self, jid, address, trusted, direct_tls):
        super().__init__(jid, os.environ["PASSWORD"])
        self.address_of_server = address
        self.direct_tls = direct_tls
        self.ca_certs = trusted
        for plugin in ("xep_0030", "xep_0054", "xep_0060", "xep_0085", "xep_0198", "xep_0199", "xep_0203", "xep_0280"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("session_resumed", lambda _: tell("resumed"))
        self.add_event_handler("disconnected", self.back)
        self.add_event_handler("ssl_invalid_chain", self.refuse)
        self.add_event_handler("connection_failed", self.refuse)
        self.add_event_handler("failed_all_auth", lambda _: tell("error", text="not authorized"))
        self.add_event_handler("roster_update", self.on_roster)
        self.add_event_handler("message", self.on_message)
        self.refused = False
        for state in STATES:
            self.add_event_handler("chatstate_" + state, lambda m, s=state: self.on_state(m, s))

    def go(self):
        self.connect(self.address_of_server, use_ssl=self.direct_tls, force_starttls=not self.direct_tls)

    async def begin(self, _):
        await self.get_roster()
        self.send_presence()
        await self["xep_0280"].enable()
        tell("online", jid=self.boundjid.full)

    async def back(self, _):
        if not self.refused:
            await asyncio.sleep(0.3)
            self.go()

    def refuse(self, error):
        if "certificate" in str(error):
            self.refused = True
            tell("error", text=str(error))
            self.disconnect(wait=0)

    def on_roster(self, iq):
        for jid, item in iq["roster"]["items"].items():
            if item["subscription"] == "remove":
                tell("roster-removed", jid=jid.bare)
            else:
                tell("roster", jid=jid.bare, name=item["name"], groups=item["groups"])

    def on_message(self, message):
        if message["body"]:
            delayed = message.xml.find("{urn:xmpp:delay}delay") is not None
            tell("message", text=message["body"], delayed=delayed, **{"from": message["from"].bare})

    def on_state(self, message, state):
        if not message["body"]:
            tell("chat-state", state=state, **{"from": message["from"].bare})

    async def ask_card(self, to):
        temp = await self["xep_0054"].get_vcard(to, cached=False)
        four = await self["xep_0060"].get_items(to, "urn:xmpp:vcard4")
        for kind, iq in (("vcard-temp", temp), ("vcard4", four)):
            tell("card", kind=kind, text=ET.tostring(iq.xml, encoding="unicode"), **{"from": to})

    async def act(self, asked):
        if asked["do"] == "card":
            await self.ask_card(asked["to"])
            return
        message = self.make_message(mto=asked["to"], mbody=asked.get("text"), mtype="chat")
        message["chat_state"] = "active" if asked["do"] == "say" else "composing"
        message.send()


async def main():
    jid, port, trusted, direct_tls = sys.argv[1:]
    # by number: with a name it looks for another port in the DNS
    app = App(jid, ("127.0.0.1", int(port)), trusted, direct_tls == "direct-tls")
    app.go()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await app.act(json.loads(line))


asyncio.get_event_loop().run_until_complete(main())
