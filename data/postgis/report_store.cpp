#include "data/postgis/report_store.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {

ReportRoute ReportStore::route(std::string const& category, std::string const& unit) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        auto const rows = sql.exec_params(
            "SELECT agency, days FROM report.route WHERE category IN ($1, 'other') AND unit IN "
            "($2, '') ORDER BY category = $1 DESC, unit DESC LIMIT 1",
            category, unit);
        if (rows.empty()) return ReportRoute{"", 15};
        return ReportRoute{rows[0][0].as<std::string>(), rows[0][1].as<std::int32_t>()};
    });
}

std::vector<ReportMessage> ReportStore::messages(std::int64_t fid) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        std::vector<ReportMessage> messages;
        for (auto const& row :
             sql.exec_params("SELECT id, (extract(epoch FROM at) * 1000000)::bigint, side, author, "
                             "text FROM report.message WHERE fid = $1 ORDER BY id LIMIT 500",
                             fid))
            messages.push_back({row[0].as<std::int64_t>(),
                                {row[1].as<std::int64_t>()},
                                view(row[2]) == "office",
                                row[3].as<std::string>(),
                                row[4].as<std::string>()});
        return messages;
    });
}

void ReportStore::add_message(std::int64_t fid, ReportMessage const& message) const {
    writing(m_edit, [&](pqxx::work& sql) {
        sql.exec_params0("INSERT INTO report.message (fid, side, author, text) VALUES ($1, $2, $3, "
                         "$4)",
                         fid, message.office ? "office" : "citizen", message.author, message.text);
    });
}

std::optional<std::int64_t> ReportStore::find_token(std::string const& hash,
                                                    geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) -> std::optional<std::int64_t> {
        set_policy(sql, policy);
        auto const rows =
            sql.exec_params("SELECT fid FROM record.reports r WHERE reporter_token = $1 AND (" +
                                policy_condition(policy, "r") + ")",
                            hash);
        if (rows.empty()) return std::nullopt;
        return rows[0][0].as<std::int64_t>();
    });
}

void ReportStore::keep_photo(std::string const& sha256, std::uint64_t size) const {
    writing(m_edit, [&](pqxx::work& sql) {
        sql.exec_params0("INSERT INTO diaban.blob (sha256, size, media_type) VALUES ($1, $2, "
                         "'image/jpeg') ON CONFLICT DO NOTHING",
                         sha256, static_cast<std::int64_t>(size));
    });
}

bool ReportStore::photo_shown(std::string const& sha256, geo::Policy const& policy) const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        return !sql.exec_params("SELECT FROM record.reports r WHERE media = $1 AND (" +
                                    policy_condition(policy, "r") + ") LIMIT 1",
                                sha256)
                    .empty();
    });
}

std::vector<PressWord> ReportStore::press_words() const {
    return reading(m_serve, [&](pqxx::transaction_base& sql) {
        std::vector<PressWord> words;
        for (auto const& row : sql.exec("SELECT topic, word FROM report.press_word ORDER BY 1, 2"))
            words.push_back({row[0].as<std::string>(), row[1].as<std::string>()});
        return words;
    });
}

void ReportStore::count_sent(std::span<SendLimit const> limits) const {
    writing(m_edit, [&](pqxx::work& sql) { postgis::count_sent(sql, limits, "too-many-reports"); });
}

} // namespace diaban::data::postgis
