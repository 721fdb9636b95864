#pragma once

#include "data/model/access.hpp"
#include "data/postgis/session.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::data::postgis {

// What the stores of this room that deal with accounts share. For its sources: libpqxx.

/// An instant of a column as microseconds, and of microseconds as an instant.
[[nodiscard]] inline std::string microseconds(std::string_view column) {
    return "(extract(epoch FROM " + std::string{column} + ") * 1000000)::bigint";
}
[[nodiscard]] inline std::string instant_of(std::string_view place) {
    return "(TIMESTAMPTZ 'epoch' + " + std::string{place} + "::bigint * INTERVAL '1 microsecond')";
}

/// The words of a JSON array.
[[nodiscard]] std::vector<std::string> words_of(pqxx::field const& field);
/// `[[unit, first day, last day], …]`, days since 1970 or null.
[[nodiscard]] std::vector<model::RoleGrant::Scope> scopes_of(pqxx::field const& field);
/// Bytes of hexadecimal digits, and back.
[[nodiscard]] std::string bytes_of(std::string_view hexadecimal);
[[nodiscard]] std::string hexadecimal_of(std::string_view bytes);
/// An object of texts.
[[nodiscard]] std::string json_of(std::vector<std::pair<std::string, std::string>> const& texts);

/// Adds an entry to the audit, in this transaction.
void note(pqxx::transaction_base& sql, model::AuditNote const& note);

} // namespace diaban::data::postgis
