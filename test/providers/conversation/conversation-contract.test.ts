import { conversationContract } from './conversation-contract';
import { conversationVendors } from './conversation-vendors';

for (const vendor of conversationVendors) conversationContract(vendor);
