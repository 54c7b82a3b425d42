/** 24 hexadecimal characters; `crypto.randomUUID` is missing on pages that did not come over HTTPS. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
