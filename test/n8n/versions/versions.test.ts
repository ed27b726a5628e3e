import { n8nVersions } from '../install/n8n-versions.ts';
import { testVersion } from './version-suite.ts';

for (const version of n8nVersions) testVersion(version);
