import { choice, integer, pattern } from '../leaf';
import { block, defaulted, list, map, optional, required } from '../structure';
import { port } from '../types/amount';
import { provider } from '../types/cloud';
import { resourceName } from '../types/resource';

const url = pattern({
  name: 'URL',
  text: 'a URL that starts with https://',
  pattern: /^https:\/\/[^\s"<>]{1,500}$/,
  examples: ['https://www.example.com/health', 'https://api.example.com/health'],
  rejects: 'www',
});
const siteRange = pattern({
  name: 'range of a site',
  text: 'a private range of 4096 addresses such as "10.130.16.0/20"',
  pattern: /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.(0|16|32|48|64|80|96|112|128|144|160|176|192|208|224|240)\.0\/20$/,
  examples: ['10.130.16.0/20', '172.20.32.0/20'],
  rejects: '10.0.0.0/8',
});
const urlPath = pattern({
  name: 'path of a URL',
  text: 'a path that starts with "/"',
  pattern: /^\/[A-Za-z0-9/_.~-]{0,200}$/,
  examples: ['/health', '/ready'],
  rejects: 'health',
});
const majorVersion = pattern({
  name: 'major version',
  text: 'a major version such as "16" or "8.0"',
  pattern: /^\d{1,4}(\.\d{1,2})?$/,
  examples: ['16', '8.0'],
  rejects: 'newest',
});
const domain = pattern({
  name: 'domain name',
  text: 'a domain name such as "app.example.com"',
  pattern: /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/,
  examples: ['app.example.com', 'example.com'],
  rejects: 'app',
});

/** What is protected: `deployment.primary_site`. */
export const primarySite = optional(
    block({
      kind: optional(choice('primary kind', ['on_premises', 'aws', 'azure', 'google']), 'where the primary runs', 'unknown'),
      address: optional(domain, 'name of the primary', 'unknown'),
      health_urls: optional(list(url), 'URLs that answer while it is well', 'none'),
      database: optional(
        choice('primary database', ['rds', 'flexible_server', 'cloud_sql', 'self_managed']),
        'kind of its database',
        'self_managed',
      ),
      database_id: optional(
        resourceName,
        'id of a managed database: ARN of RDS, resource id of a flexible server, instance name of Cloud SQL',
        'sites follow it on machines of their own',
      ),
      database_version: optional(majorVersion, 'major version of its database', 'that of PostgreSQL in Ubuntu 24.04 LTS'),
    }),
    'the site that is protected',
    'unknown',
  );

/** `deployment.dns`. */
export const dns = optional(
    block({
      zone: required(domain, 'zone of the record'),
      record: required(domain, 'record that is failed over'),
      provider: optional(provider, 'cloud that has the zone', 'that of the site that is activated by itself, else of the warmest'),
    }),
    'the record that is failed over',
    'none',
  );

/** `deployment.sites`. */
export const siteSettings = optional(
    map(
      'site',
      block({
        cidr: optional(siteRange, 'addresses of its network', 'a /20 of 10.128.0.0/9 by a hash of its name'),
        image: optional(resourceName, 'image of its machines', 'Ubuntu 24.04 LTS, with nothing of yours on it'),
        count: optional(integer('machines', 'a whole number', 1, 1000), 'machines once it is activated', '`count`, else the largest of the sites'),
        port: defaulted(port, 443, 'port of the application; TLS ends on the machines'),
        health_path: optional(urlPath, 'path that answers 200 by HTTPS while a machine is well', 'a connection is enough'),
      }),
    ),
    'settings of single sites, by name',
    'none',
  );
