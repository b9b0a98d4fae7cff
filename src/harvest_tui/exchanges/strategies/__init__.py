"""One small file an exchange: streams, page call, envelope check, cursor, id key, bucket."""
