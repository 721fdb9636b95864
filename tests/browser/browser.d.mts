export const launchOptions: { executablePath: string; args: string[] };
export function baseURL(): string;
