export const helpText = `Chat Gateway: answer the live chats of your website from any IM app.

Usage
  gateway [start] [options]     run it; without --config: a demo on localhost
  gateway config check FILE     say whether a configuration file is right
  gateway staff hash            ask for a password and print its hash

Options of start
  --config FILE            configuration in YAML: docs/configuration.md
  --data-dir DIR           where chats, messages and certificates are kept
  --xmpp-port N            XMPP with STARTTLS (5222)     0: any free port
  --xmpp-tls-port N        XMPP with direct TLS (5223)
  --web-port N             visitor page, HTTP (8080)
  --web-tls-port N         visitor page, HTTPS (8443)
  --operations-port N      health and metrics (9090)
  --log-level LEVEL        debug, info, warn or error

  --help, --version

With npm: "npm start -- --web-port 8081". Signals: SIGTERM and SIGINT stop it
(a second one at once), SIGHUP reads the configuration file and
the certificates again.

Exit status: 0 stopped as asked; 1 it could not start; 64 wrong usage;
70 an error of the program; 78 the configuration has problems.
`;
