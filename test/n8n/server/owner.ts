/** The one person who may log in to an n8n that these tests or `npm start` run. Loopback only, so it is no secret. */
export const owner = {
	email: 'demo@example.com',
	/** n8n asks for a capital letter and a digit. */
	password: 'Password1',
	/** bcrypt, as n8n keeps it. */
	passwordHash: '$2a$10$hwF4UrG6QitTOIevRx5lGe2FzhoQvrhKaYm2ujrEAxxdnypY.KKlC',
	firstName: 'Demo',
	lastName: 'User',
};
