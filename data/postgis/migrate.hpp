#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// A migration file: `NNNN_name.sql`, numbered from 0001 without gaps.
struct Migration {
    int number = 0;
    std::string name;
    std::string sha256; ///< of the file's bytes, in hexadecimal
};

/// Brings the database at `uri` to the state of `folder`: each file that is missing runs in its own
/// transaction, in order, forward only. Returns those that ran; none if all was done before.
///
/// Needs    a login that may create roles and extensions (the first time), UTF8 encoding.
/// Threads  processes take turns by an advisory lock.
/// Throws   Error{conflict, "migration-changed"} if an applied file is not what it was,
///          Error{conflict, "database-newer"} if the database knows a later migration than the
///          folder, Error{bad_input, "bad-migrations"} if the folder is not a gapless series,
///          Error{internal, "migration-failed"} naming the file whose SQL failed (rolled back).
std::vector<Migration> migrate(std::string const& uri, std::filesystem::path const& folder);

/// The migrations that the database at `uri` has had, in order; none of a new one.
/// Throws Error{unavailable, "database-down"}, Error{internal, "database"} for a login that may not
/// read them.
std::vector<Migration> applied_migrations(std::string const& uri);

/// The migrations of a folder, in order, with their checksums.
std::vector<Migration> list_migrations(std::filesystem::path const& folder);

} // namespace diaban::data::postgis
