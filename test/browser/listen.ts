import type { Page } from 'playwright-core';

/**
 * What a page asks for and complains of from now on: requests other than for itself, messages on the console, among them
 * those of its security policy, and errors.
 */
export function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on('request', (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) heard.push(`asks for ${request.url()}`);
  });
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', ({ message }) => heard.push(`error: ${message}`));
  return heard;
}
