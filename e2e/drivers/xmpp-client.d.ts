/** The part of `@xmpp/client` that the driver uses; the package has no types of its own. */
declare module '@xmpp/client' {
  export interface XmlNode {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string>>;
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): XmlNode | undefined;
    getChildren(name: string): XmlNode[];
    getChildElements(): XmlNode[];
    getChildText(name: string): string | null;
    text(): string;
    toString(): string;
  }
  export function xml(
    name: string,
    attrs?: Readonly<Record<string, string>>,
    ...children: readonly (XmlNode | string)[]
  ): XmlNode;

  export interface ClientOptions {
    readonly service: string;
    readonly domain: string;
    readonly resource: string;
    readonly username: string;
    readonly password: string;
  }
  export interface XmppClient {
    on(event: 'online', listener: (jid: { toString(): string }) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    on(event: 'status', listener: (status: string) => void): void;
    on(event: 'stanza', listener: (stanza: XmlNode) => void): void;
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send(stanza: XmlNode): Promise<void>;
    readonly iqCaller: { request(stanza: XmlNode): Promise<XmlNode> };
    readonly iqCallee: {
      set(xmlns: string, name: string, handler: (context: { element: XmlNode }) => unknown): void;
    };
    readonly streamManagement: {
      on(event: 'resumed' | 'fail', listener: () => void): void;
      readonly enabled: boolean;
    };
    readonly reconnect: { delay: number };
  }
  export function client(options: ClientOptions): XmppClient;
}
