/** A user name and a password, for a proxy in front of a server that asks for HTTP Basic authentication. */
export interface Login {
	readonly user: string;
	readonly password: string;
}

/** Who calls a server. */
export interface Account {
	/** Empty: none is sent. */
	readonly apiKey: string;
	/** Absent: none is sent. Only where the key, if there is one, goes into a header of its own. */
	readonly login?: Login;
}

/** The `authorization` header of servers that take their key there: the key, or the login, or none. */
export function bearerOrLogin({ apiKey, login }: Account): { readonly authorization?: string } {
	return apiKey === '' ? loginHeader({ login }) : { authorization: `Bearer ${apiKey}` };
}

/** The `authorization` header of servers that take their key elsewhere: the login, or none. RFC 7617. */
export function loginHeader({ login }: { readonly login?: Login | undefined }): { readonly authorization?: string } {
	return login === undefined ? {} : { authorization: `Basic ${encoded(login)}` };
}

/** What opens an account to whoever has it. */
export function secretsOf({ apiKey, login }: Account): readonly string[] {
	return login === undefined ? [apiKey] : [apiKey, login.password, encoded(login)];
}

/** The same and the user's name, which is an email address at times: an answer may hold it, a message need not. */
export function namesAndSecretsOf(account: Account): readonly string[] {
	return [...secretsOf(account), account.login?.user ?? ''];
}

function encoded({ user, password }: Login): string {
	return Buffer.from(`${user}:${password}`).toString('base64');
}
