PRAGMA application_id = 1213486409;
PRAGMA user_version = 5;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE accounts (
            account TEXT PRIMARY KEY, exchange TEXT NOT NULL, added_us INTEGER NOT NULL, rights TEXT NOT NULL,
            lot_order TEXT NOT NULL, tier TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "accounts" VALUES('coinbase','coinbase',1710081005123456,'unknown','fifo','');
INSERT INTO "accounts" VALUES('kraken main','kraken',1709994605123456,'read','hifo','starter');
INSERT INTO "accounts" VALUES('old wallet','',1710167405123456,'unknown','fifo','');
CREATE TABLE alert_journal (
            number INTEGER PRIMARY KEY, key TEXT NOT NULL, severity TEXT NOT NULL, account TEXT, asset TEXT,
            words TEXT NOT NULL, figures TEXT NOT NULL, at_us INTEGER NOT NULL) STRICT;
INSERT INTO "alert_journal" VALUES(1,'net_benefit/kraken main/BTC','notice','kraken main','BTC','kraken main BTC: harvesting 4,100.00 USD of loss is worth 312.40 USD after tax and fees','{"amounts":{"net_benefit":"312.40","loss_short":"4100.00"},"others":{}}',1709994605123456);
CREATE TABLE alert_watches (
            key TEXT PRIMARY KEY, is_armed INTEGER NOT NULL CHECK (is_armed IN (0, 1)), announced_us INTEGER,
            value TEXT NOT NULL, peak TEXT NOT NULL, footing TEXT NOT NULL,
            snooze_value TEXT, snooze_until_us INTEGER, snooze_change TEXT) STRICT, WITHOUT ROWID;
INSERT INTO "alert_watches" VALUES('net_benefit/kraken main/BTC',0,1709994605123456,'312.40','0','2024',NULL,NULL,NULL);
INSERT INTO "alert_watches" VALUES('shrinking/kraken main/BTC',1,NULL,'0','312.40','5f3a09c1','0',1710599405123456,'100');
CREATE TABLE balances (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            asset TEXT NOT NULL, quantity TEXT NOT NULL, at_us INTEGER NOT NULL, locked TEXT NOT NULL DEFAULT '0',
            PRIMARY KEY (account, asset)) STRICT, WITHOUT ROWID;
INSERT INTO "balances" VALUES('kraken main','BTC','2.07300',1709994605123456,'0.41000');
CREATE TABLE candles (
            asset TEXT NOT NULL, start_us INTEGER NOT NULL,
            seconds INTEGER NOT NULL CHECK (seconds BETWEEN 60 AND 86400), source TEXT NOT NULL,
            open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL,
            PRIMARY KEY (asset, start_us, seconds, source)) STRICT, WITHOUT ROWID;
INSERT INTO "candles" VALUES('BTC',1709994605123456,86400,'kraken BTC/USD','1','4','0.5','2');
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "counters" VALUES('facts',9);
CREATE TABLE decisions (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('confirm', 'split', 'external', 'assume', 'undo')),
            made_us INTEGER NOT NULL,
            withdrawal TEXT, deposit TEXT,
            account TEXT, asset TEXT, quantity TEXT, acquired_on TEXT, cost_basis TEXT, about TEXT,
            undoes INTEGER UNIQUE REFERENCES decisions (number),
            reason TEXT NOT NULL) STRICT;
INSERT INTO "decisions" VALUES(1,'confirm',1710253805123456,'old wallet:1','kraken main:swap-1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'');
INSERT INTO "decisions" VALUES(2,'assume',1710340205123456,NULL,NULL,'kraken main','ETH','1.07300','2021-04-05','2100.50','kraken main:swap-0',NULL,'bank statement of April 2021');
INSERT INTO "decisions" VALUES(3,'undo',1710426605123456,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,'');
CREATE TABLE empty_balances (
            account TEXT PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
            first_seen_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    executed_us INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    sent_quantity TEXT,
    sent_asset TEXT,
    received_quantity TEXT,
    received_asset TEXT,
    fee_quantity TEXT,
    fee_asset TEXT,
    fee_value TEXT,
    value TEXT,
    counter_account TEXT,
    acquired_us INTEGER,
    cost_basis TEXT,
    lots TEXT NOT NULL,
    txid TEXT NOT NULL,
    address TEXT NOT NULL,
    url TEXT NOT NULL,
    note TEXT NOT NULL,
    group_key TEXT NOT NULL) STRICT;
INSERT INTO "events" VALUES('kraken main:swap-0','kraken main','trade',1709994605123456,0,'1.07300','ETH','2.07300','BTC',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','','','','','swap-0');
INSERT INTO "events" VALUES('kraken main:swap-1','kraken main','deposit',1709994607123456,2,NULL,NULL,'3.50','BTC',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','','','','','swap-1');
CREATE TABLE identification_records (
            number INTEGER PRIMARY KEY CHECK (number > 0), text TEXT NOT NULL,
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64)) STRICT;
CREATE TABLE imported_events (
    event_id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    executed_us INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    sent_quantity TEXT,
    sent_asset TEXT,
    received_quantity TEXT,
    received_asset TEXT,
    fee_quantity TEXT,
    fee_asset TEXT,
    fee_value TEXT,
    value TEXT,
    counter_account TEXT,
    acquired_us INTEGER,
    cost_basis TEXT,
    lots TEXT NOT NULL,
    txid TEXT NOT NULL,
    address TEXT NOT NULL,
    url TEXT NOT NULL,
    note TEXT NOT NULL,
    import_id INTEGER NOT NULL REFERENCES imports (import_id)) STRICT;
INSERT INTO "imported_events" VALUES('old wallet:1','old wallet','opening',1710167405123456,0,NULL,NULL,'0.75','BTC',NULL,NULL,NULL,NULL,NULL,1709994605123456,'1250.50','','','','','paper',1);
CREATE TABLE imports (
            import_id INTEGER PRIMARY KEY, source TEXT NOT NULL, source_sha256 TEXT NOT NULL,
            new_events INTEGER NOT NULL, known_events INTEGER NOT NULL) STRICT;
INSERT INTO "imports" VALUES(1,'wallet.csv','abababababababababababababababababababababababababababababababab',1,0);
CREATE TABLE market_lists (
            exchange TEXT PRIMARY KEY, saved_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "market_lists" VALUES('kraken',1709994605123456);
CREATE TABLE markets (
            exchange TEXT NOT NULL REFERENCES market_lists (exchange) ON DELETE CASCADE,
            symbol TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (exchange, symbol)) STRICT;
INSERT INTO "markets" VALUES('kraken','BTC/USD','{"symbol": "BTC/USD", "id": "XXBTZUSD"}');
CREATE TABLE marks (
            plan_id INTEGER NOT NULL REFERENCES plans (plan_id) ON DELETE CASCADE,
            lot_id TEXT NOT NULL, place INTEGER NOT NULL, account TEXT NOT NULL, asset TEXT NOT NULL, quantity TEXT,
            reason TEXT NOT NULL, PRIMARY KEY (plan_id, lot_id)) STRICT, WITHOUT ROWID;
CREATE TABLE muted_assets (asset TEXT PRIMARY KEY, muted_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "muted_assets" VALUES('ETH',1709994605123456);
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "notes" VALUES('transfer 7','confirmed');
CREATE TABLE plans (
            plan_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, place INTEGER NOT NULL,
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))) STRICT;
CREATE TABLE quotes (
            exchange TEXT NOT NULL, asset TEXT NOT NULL, price TEXT NOT NULL, at_us INTEGER NOT NULL,
            source TEXT NOT NULL, PRIMARY KEY (exchange, asset)) STRICT, WITHOUT ROWID;
INSERT INTO "quotes" VALUES('kraken','BTC','67012.5',1709994605123456,'kraken BTC/USD');
CREATE TABLE raw_rows (
            raw_id INTEGER PRIMARY KEY,
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            stream TEXT NOT NULL, native_id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
            group_key TEXT NOT NULL, payload TEXT NOT NULL, sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            endpoint TEXT NOT NULL, fetched_us INTEGER NOT NULL,
            UNIQUE (account, stream, native_id, version)) STRICT;
INSERT INTO "raw_rows" VALUES(1,'kraken main','ledger','L000000',1,'swap-0','{"id": 0, "quantity": "1.07300", "ref": "swap-0"}',X'C3B0D79DDFFE9FC08FF3D37EF109DD7E29B6D7176DED3E8C28A08A5E07F0E297','/0/private/Ledgers',1709994605123456);
INSERT INTO "raw_rows" VALUES(2,'kraken main','ledger','L000001',1,'swap-0','{"id": 1, "quantity": "2.07300", "ref": "swap-0"}',X'99877667359075D18C78AFB12094B8A0E5643FFFCC39F9D9235DED39538BB55C','/0/private/Ledgers',1709994605123456);
INSERT INTO "raw_rows" VALUES(3,'kraken main','ledger','L000002',1,'swap-1','{"id": 2, "quantity": "3.07300", "ref": "swap-1"}',X'A3646A3C871202D04C73273E8064DE2FA6F230DF2AEC1C9AD68FDC1F5CBA087C','/0/private/Ledgers',1709994605123456);
INSERT INTO "raw_rows" VALUES(4,'kraken main','ledger','L000002',2,'swap-1','{"id": 2, "quantity": "3.50", "ref": "swap-1"}',X'CA08F86950AE0E3F548C9E125D4E884F1FAD3159C892C2ACA9DF39ABD6CDE8F7','/0/private/Ledgers',1709994605123456);
CREATE TABLE streams (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            stream TEXT NOT NULL, cursor TEXT, is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
            completed_us INTEGER, page_us INTEGER NOT NULL, expected_rows INTEGER,
            PRIMARY KEY (account, stream)) STRICT, WITHOUT ROWID;
INSERT INTO "streams" VALUES('kraken main','ledger','{"ofs":50}',0,1709994605123456,1709994605123456,3);
CREATE INDEX raw_rows_by_group ON raw_rows (account, group_key);
CREATE TRIGGER raw_rows_never_change BEFORE UPDATE ON raw_rows
            BEGIN SELECT RAISE(ABORT, 'rows of raw_rows never change'); END;
CREATE TRIGGER raw_rows_go_with_their_account BEFORE DELETE ON raw_rows
            WHEN EXISTS (SELECT 1 FROM accounts WHERE account = OLD.account)
            BEGIN SELECT RAISE(ABORT, 'rows of raw_rows go only with their account'); END;
CREATE INDEX events_by_group ON events (account, group_key);
CREATE INDEX imported_events_by_account ON imported_events (account);
CREATE INDEX imported_events_by_import ON imported_events (import_id);
CREATE TRIGGER imported_events_never_change BEFORE UPDATE ON imported_events
            BEGIN SELECT RAISE(ABORT, 'rows of imported_events never change'); END;
CREATE TRIGGER imported_events_go_with_their_account BEFORE DELETE ON imported_events
            WHEN EXISTS (SELECT 1 FROM accounts WHERE account = OLD.account)
            BEGIN SELECT RAISE(ABORT, 'rows of imported_events go only with their account'); END;
CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
            BEGIN SELECT RAISE(ABORT, 'rows of decisions never change'); END;
CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions
            BEGIN SELECT RAISE(ABORT, 'rows of decisions never go'); END;
CREATE UNIQUE INDEX plans_one_active ON plans (is_active) WHERE is_active = 1;
CREATE TRIGGER identification_records_never_change BEFORE UPDATE ON identification_records
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records never change'); END;
CREATE TRIGGER identification_records_never_go BEFORE DELETE ON identification_records
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records never go'); END;
CREATE TRIGGER identification_records_follow_one_another BEFORE INSERT ON identification_records
            WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM identification_records)
            BEGIN SELECT RAISE(ABORT, 'rows of identification_records have numbers without gaps'); END;
CREATE TRIGGER alert_journal_never_changes BEFORE UPDATE ON alert_journal
            BEGIN SELECT RAISE(ABORT, 'rows of alert_journal never change'); END;
CREATE TRIGGER alert_journal_never_goes BEFORE DELETE ON alert_journal
            BEGIN SELECT RAISE(ABORT, 'rows of alert_journal never go'); END;
COMMIT;
