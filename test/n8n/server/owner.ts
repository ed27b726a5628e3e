/** The one person who may log in to an n8n that these tests or `npm start` run. Loopback only, so it is no secret. */
export const owner = {
	email: 'demo@example.com',
	password: 'password',
	/** bcrypt, as n8n keeps it. */
	passwordHash: '$2a$10$xS2GSc8ALeAG.GyAx7eyOOiupKln.QAG0HGDbX6RyIsmKJOIVNwDu',
	firstName: 'Demo',
	lastName: 'User',
};
