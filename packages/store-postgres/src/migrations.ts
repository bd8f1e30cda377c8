/**
 * @module The tables, as a list of steps that are only ever added to.
 *
 * Columns hold what is queried or must be unique; the whole order is beside them as a document. It is `json`
 * and not `jsonb`: nothing is searched inside, and `json` gives back exactly the text that was written, so a
 * repeated call answers byte for byte what it answered first. Ids sort by byte (`collate "C"`), as in every
 * other store. A step must leave the version of the program before it working: both run side by side while
 * a new one is rolled out.
 */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-orders-and-payments',
    sql: `
create table orders (
  id text collate "C" primary key,
  version bigint not null,
  state text not null,
  buyer_openid text collate "C" not null,
  created_at bigint not null,
  next_action_at bigint,
  leased_until bigint,
  write_id text not null,
  document json not null
);
create index orders_by_buyer on orders (buyer_openid, created_at desc, id desc);
create index orders_due on orders (next_action_at, id) where next_action_at is not null;

create table products (
  product_id text collate "C" primary key,
  position bigint not null,
  title text not null,
  description text not null,
  price_fen bigint not null check (price_fen >= 0),
  stock bigint not null check (stock >= 0),
  image_url text not null
);

create table holds (
  product_id text collate "C" not null,
  order_id text collate "C" not null,
  quantity bigint not null check (quantity >= 0),
  state text not null check (state in ('held', 'released')),
  primary key (product_id, order_id)
);

create table staff (
  openid text collate "C" primary key,
  role text not null
);

create table sessions (
  id text collate "C" primary key,
  openid text collate "C" not null,
  expires_at bigint not null
);
create index sessions_by_expiry on sessions (expires_at);

create table inbox (
  id text collate "C" primary key,
  received_at bigint not null,
  applied_at bigint,
  news json not null
);
create index inbox_unapplied on inbox (received_at, id) where applied_at is null;

create table strays (
  transaction_id text collate "C" primary key,
  news json not null
);

create table attention (
  id text collate "C" primary key,
  kind text not null,
  order_id text collate "C",
  since bigint not null,
  summary text not null,
  resolved_at bigint
);
create index attention_open on attention (since, id) where resolved_at is null;

-- The money journal: rows are added, and numbered once. Nothing else ever happens to them.
create table journal_entry (
  cause text collate "C" primary key,
  at bigint not null,
  order_id text collate "C",
  refund_id text collate "C",
  wx_id text,
  published boolean not null default false
);
create index journal_unpublished on journal_entry (at, cause) where not published;

create table journal_line (
  cause text collate "C" not null references journal_entry (cause),
  line integer not null,
  account text not null,
  fen bigint not null,
  seq bigint unique,
  primary key (cause, line)
);

-- One row: the last number given out. Its lock puts publishers in a queue.
create table journal_head (
  id integer primary key check (id = 1),
  last_seq bigint not null
);
insert into journal_head (id, last_seq) values (1, 0);
`,
  },
  {
    name: '0002-refunds',
    sql: `
-- Where a refund is found: the refund itself is in its order's document.
create table refunds (
  id text collate "C" primary key,
  order_id text collate "C" not null,
  buyer_openid text collate "C" not null,
  state text not null,
  requested_at bigint not null,
  -- Every number it may be searched by, its order's among them.
  numbers text[] not null
);
create index refunds_by_buyer on refunds (buyer_openid, requested_at, id);
create index refunds_by_state on refunds (state, requested_at, id);
create index refunds_by_time on refunds (requested_at, id);
create index refunds_by_number on refunds using gin (numbers);
create index orders_by_time on orders (created_at desc, id desc);
create index orders_by_transaction on orders ((document->'payment'->>'transactionId'));
alter table attention add column refund_id text collate "C";
alter table attention add column note text;
`,
  },
  {
    name: '0003-files',
    sql: `
-- Uploaded pictures, each small. The mark is set once a refund is known to show it: then it is kept for good.
create table files (
  id text collate "C" primary key,
  owner_openid text collate "C" not null,
  type text not null,
  bytes bytea not null check (length(bytes) <= 2097152),
  touched_at bigint not null,
  shown boolean not null default false
);
-- They are compressed already.
alter table files alter column bytes set storage external;
create index files_loose on files (touched_at, id) where not shown;
create index files_loose_by_owner on files (owner_openid) where not shown;
alter table refunds add column evidence text[] not null default '{}';
create index refunds_by_evidence on refunds using gin (evidence) where evidence <> '{}';
`,
  },
  {
    name: '0004-who-resolved',
    sql: `
-- Beside the note: of attention that belongs to no order. An order's own keeps both in its document.
alter table attention add column resolved_by text collate "C";
`,
  },
  {
    name: '0005-stray-refunds',
    sql: `
-- Money of a trade that no order knows, sent back in the merchant platform.
create table stray_refunds (
  out_refund_no text collate "C" primary key,
  transaction_id text collate "C" not null references strays (transaction_id),
  refund_fen bigint not null check (refund_fen > 0)
);
create index stray_refunds_by_stray on stray_refunds (transaction_id);
`,
  },
]
