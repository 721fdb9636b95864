#include "data/postgis/access_sql.hpp"
#include "data/postgis/access_store.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace diaban::data::postgis {

std::vector<std::string> words_of(pqxx::field const& field) {
    return nlohmann::json::parse(view(field)).get<std::vector<std::string>>();
}

std::vector<model::RoleGrant::Scope> scopes_of(pqxx::field const& field) {
    std::vector<model::RoleGrant::Scope> scopes;
    auto const day = [](nlohmann::json const& json) {
        return json.is_null() ? std::nullopt : std::optional{geo::Date{json.get<std::int32_t>()}};
    };
    for (auto const& one : nlohmann::json::parse(view(field)))
        scopes.push_back({one[0].get<std::string>(), day(one[1]), day(one[2])});
    return scopes;
}

std::string bytes_of(std::string_view hexadecimal) {
    std::string bytes;
    for (; hexadecimal.size() >= 2; hexadecimal.remove_prefix(2)) {
        unsigned byte = 0;
        std::from_chars(hexadecimal.data(), hexadecimal.data() + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

std::string hexadecimal_of(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (auto const byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4U];
        text += digits[static_cast<unsigned char>(byte) & 15U];
    }
    return text;
}

std::string json_of(std::vector<std::pair<std::string, std::string>> const& texts) {
    auto json = nlohmann::json::object();
    for (auto const& [name, text] : texts) json[name] = text;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void note(pqxx::transaction_base& sql, model::AuditNote const& note) {
    sql.exec_params("SELECT diaban.note($1, $2, $3, $4, $5, $6::jsonb)", note.who, note.action,
                    note.collection, note.fid, note.why, note.detail);
}

void AuditStore::note(model::AuditNote const& note) const {
    writing(m_pool, [&](auto& sql) { postgis::note(sql, note); });
}

std::vector<model::AuditEntry> AuditStore::entries(model::AuditQuery const& query) const {
    auto const instant = [](std::optional<geo::Instant> const& at) {
        return at ? std::optional{at->microseconds} : std::nullopt;
    };
    std::string const sql_text =
        "SELECT seq, " + microseconds("at") +
        ", who, action, collection, fid, why, detail::text, hash FROM diaban.audit WHERE "
        "($1 = '' OR who = $1) AND ($2 = '' OR action = $2) AND ($3 = '' OR collection = $3) AND "
        "($4::bigint IS NULL OR fid = $4) AND ($5::bigint IS NULL OR at >= " +
        instant_of("$5") + ") AND ($6::bigint IS NULL OR at < " + instant_of("$6") +
        ") AND ($7::bigint = 0 OR seq < $7) ORDER BY seq DESC LIMIT $8";
    return reading(m_pool, [&](auto& sql) {
        std::vector<model::AuditEntry> found;
        for (auto const row :
             sql.exec_params(sql_text, query.who, query.action, query.collection, query.fid,
                             instant(query.from), instant(query.to), query.before, query.limit)) {
            model::AuditEntry entry;
            entry.seq = row[0].template as<std::int64_t>();
            entry.at = {row[1].template as<std::int64_t>()};
            entry.who = view(row[2]);
            entry.action = view(row[3]);
            entry.collection = view(row[4]);
            if (!row[5].is_null()) entry.fid = row[5].template as<std::int64_t>();
            entry.why = view(row[6]);
            entry.detail = view(row[7]);
            entry.hash = view(row[8]);
            found.push_back(std::move(entry));
        }
        return found;
    });
}

model::AuditCheck AuditStore::check() const {
    return reading(m_pool, [](auto& sql) {
        auto const row =
            sql.exec1("SELECT broken, entries, last_seq, head FROM diaban.audit_check()");
        model::AuditCheck check;
        if (!row[0].is_null()) check.broken = row[0].template as<std::int64_t>();
        check.entries = row[1].template as<std::int64_t>();
        check.last_seq = row[2].template as<std::int64_t>();
        check.head = view(row[3]);
        return check;
    });
}

std::int64_t AuditStore::trim(std::string_view by) const {
    return writing(m_pool, [&](auto& sql) {
        return sql.exec_params1("SELECT diaban.audit_trim($1)", std::string{by})[0]
            .template as<std::int64_t>();
    });
}

} // namespace diaban::data::postgis
