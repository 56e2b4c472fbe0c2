"""The program that the slixmpp driver starts: a small IM app that reads what to do, and writes what it sees, as JSON lines."""

import asyncio
import json
import os
import ssl
import sys
import traceback
import urllib.request
import xml.etree.ElementTree as ET

import slixmpp

UPLOAD = "{urn:xmpp:http:upload:0}"
STATES = ("composing", "active", "paused", "inactive", "gone")

PLUGINS = "0030 0050 0054 0060 0066 0085 0198 0199 0203 0280 0308 0313 0424 0444 0461".split()


def tell(what, **facts):
    print(json.dumps({"is": what, **facts}), flush=True)


class App(slixmpp.ClientXMPP):
    def __init__(self, jid, address, trusted, direct_tls):
        super().__init__(jid, os.environ["PASSWORD"])
        self.address_of_server = address
        self.direct_tls = direct_tls
        self.ca_certs = trusted
        for number in PLUGINS:
            self.register_plugin("xep_" + number)
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
            delay = message.xml.find("{urn:xmpp:delay}delay")
            stamp = None if delay is None else delay.get("stamp")
            tell("message", text=message["body"], id=message["id"], stamp=stamp, **{"from": message["from"].bare})

    def on_state(self, message, state):
        if not message["body"]:
            tell("chat-state", state=state, **{"from": message["from"].bare})

    async def ask_card(self, to):
        temp = await self["xep_0054"].get_vcard(to, cached=False)
        four = await self["xep_0060"].get_items(to, "urn:xmpp:vcard4")
        for kind, iq in (("vcard-temp", temp), ("vcard4", four)):
            tell("card", kind=kind, text=ET.tostring(iq.xml, encoding="unicode"), **{"from": to})

    async def upload(self, to, path):
        with open(path, "rb") as file:
            content = file.read()
        # by hand: xep_0363 takes a library that is not always there
        iq = self.make_iq_get(ito="visitors." + self.boundjid.domain)
        about = {"filename": os.path.basename(path), "size": str(len(content)), "content-type": "image/png"}
        iq.append(ET.Element(UPLOAD + "request", about))
        slot = (await iq.send()).xml.find(UPLOAD + "slot")
        put, get = (slot.find(UPLOAD + name).get("url") for name in ("put", "get"))
        trust = ssl.create_default_context(cafile=self.ca_certs)
        request = urllib.request.Request(put, content, {"Content-Type": "image/png"}, method="PUT")
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, context=trust).close())
        message = self.make_message(mto=to, mbody=get, mtype="chat")
        message["oob"]["url"] = get
        message.send()

    async def run_command(self, of, command, values):
        to = of + "/chat"
        menu = await self["xep_0050"].get_commands(to)
        if command not in [item[1] for item in menu["disco_items"]["items"]]:
            raise KeyError("the menu has no " + command)
        answer = await self["xep_0050"].send_command(to, command)
        if answer["command"]["status"] == "executing":
            form = self["xep_0004"].make_form(ftype="submit")
            shown = answer["command"]["form"]
            for name, field in shown.get_fields().items():
                form.add_field(var=name, value=values.get(name, field["value"]))
            session = answer["command"]["sessionid"]
            answer = await self["xep_0050"].send_command(
                to, command, action="complete", payload=form, sessionid=session
            )
        text = "\n".join(note for _, note in answer["command"]["notes"])
        tell("menu", of=of, command=command, text=text)

    async def act(self, asked):
        do, to = asked["do"], asked["to"]
        if do == "card":
            await self.ask_card(to)
        elif do == "upload":
            await self.upload(to, asked["file"])
        elif do == "archive":
            async for result in self["xep_0313"].iterate(with_jid=to):
                forwarded = result["mam_result"]["forwarded"]
                stamp = forwarded["delay"].xml.get("stamp")
                message = forwarded["stanza"]
                tell("message", text=message["body"], id=message["id"], stamp=stamp, **{"from": message["from"].bare})
        elif do == "run":
            await self.run_command(to, asked["command"], asked["values"])
        elif do == "react":
            self["xep_0444"].send_reactions(to, asked["of"], [asked["emoji"]])
        elif do == "type":
            message = self.make_message(mto=to, mtype="chat")
            message["chat_state"] = "composing"
            message.send()
        else:
            self.say(to, asked["text"], asked["id"], asked.get("about", {"is": "text"}))

    def say(self, to, text, own, about):
        if about["is"] == "retraction":
            self["xep_0424"].send_retraction(to, about["of"])
        elif about["is"] == "reply":
            self["xep_0461"].send_reply(to, about["of"], mto=to, mbody=text, mtype="chat")
        else:
            message = self.make_message(mto=to, mbody=text, mtype="chat")
            message["id"] = own
            message["chat_state"] = "active"
            if about["is"] == "correction":
                message["replace"]["id"] = about["of"]
            message.send()


async def main():
    jid, port, trusted, direct_tls = sys.argv[1:]
    # by number: with a name it looks for another port in the DNS
    app = App(jid, ("127.0.0.1", int(port)), trusted, direct_tls == "direct-tls")
    app.go()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        try:
            await app.act(json.loads(line))
        except Exception as error:
            traceback.print_exception(error)
            tell("error", text=repr(error))


asyncio.get_event_loop().run_until_complete(main())
