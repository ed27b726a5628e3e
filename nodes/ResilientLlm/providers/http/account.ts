/** User name and password for HTTP Basic authentication, for a proxy in front of the server. */
export interface Login {
	readonly user: string;
	readonly password: string;
}

/** The credentials of one account. */
export interface Account {
	/** Empty if no key is sent. */
	readonly apiKey: string;
	/** Absent if no login is sent. Both are sent only if the key has a header of its own. */
	readonly login?: Login;
}

/** The `authorization` header for servers that expect the key there: the key, else the login, else no header. */
export function bearerOrLogin({ apiKey, login }: Account): { readonly authorization?: string } {
	return apiKey === '' ? loginHeader({ login }) : { authorization: `Bearer ${apiKey}` };
}

/**
 * The `authorization` header for servers that expect the key in another header: the login (RFC 7617), else no header.
 */
export function loginHeader({ login }: { readonly login?: Login | undefined }): { readonly authorization?: string } {
	return login === undefined ? {} : { authorization: `Basic ${encoded(login)}` };
}

/** All forms of the account's secrets: key, password and encoded login. Used for redaction. */
export function secretsOf({ apiKey, login }: Account): readonly string[] {
	return login === undefined ? [apiKey] : [apiKey, login.password, encoded(login)];
}

/**
 * The secrets and the user name, which may be an email address. Removed from messages; an answer may contain the name.
 */
export function namesAndSecretsOf(account: Account): readonly string[] {
	return [...secretsOf(account), account.login?.user ?? ''];
}

function encoded({ user, password }: Login): string {
	return Buffer.from(`${user}:${password}`).toString('base64');
}
