import type { Tenant } from '../config/tenants.ts';
import { framingOrigins } from './origin.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => ESCAPES[character] ?? '');
}

function head(title: string, build: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="/assets/${build}/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${build}/page.css">
<link rel="stylesheet" href="/assets/${build}/conversation.css">
`;
}

/** The chat page: a frame that its script fills. What the script has to know is in data attributes. */
export function chatPage(tenant: Tenant, build: string): string {
  const name = tenant.config.name ?? tenant.domain;
  const origins = framingOrigins(tenant).join(' ');
  const publicUrl = tenant.config.publicUrl ?? '';
  return `${head(name, build)}<script type="module" src="/assets/${build}/page.js"></script>
</head>
<body data-tenant="${escaped(tenant.domain)}" data-name="${escaped(name)}" data-framing-origins="${escaped(origins)}" data-public-url="${escaped(publicUrl)}">
<noscript><main class="notice-page"><h1>${escaped(name)}</h1><p>This chat needs JavaScript. Please switch it on and load the page again.</p></main></noscript>
</body>
</html>
`;
}

/** For addresses that name no helpdesk: the same whether there is none or it does not serve now. */
export function unknownPage(build: string): string {
  return `${head('No helpdesk here', build)}</head>
<body>
<main class="notice-page">
<h1>No helpdesk here</h1>
<p>This address does not belong to a helpdesk that can be reached now.</p>
<p>Did a website send you here? Please go back to it and open the chat there again.</p>
<p>Is this your helpdesk? Open the page under the domain of the helpdesk, or add <code>?tenant=</code> and that domain to the address.</p>
</main>
</body>
</html>
`;
}
