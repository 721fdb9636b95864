#include "data/postgis/past_store.hpp"

#include "data/postgis/past_sql.hpp"
#include "data/postgis/selection.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/steady_wire.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/error.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace diaban::data::postgis {
namespace {

[[noreturn]] void too_large() {
    throw geo::Error{geo::Code::too_large,
                     "past-too-large",
                     {{"accepted", std::to_string(PastStore::most_rows)}}};
}

/// One row beyond the bound tells that there are more.
std::string bounded(std::string const& select) {
    return select + " LIMIT " + std::to_string(PastStore::most_rows + 1);
}

geo::Instant instant(pqxx::field const& field) {
    return std::get<geo::Instant>(read_value(view(field), geo::FieldType::timestamp));
}

std::string microseconds(std::string const& column) {
    return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
}

} // namespace

struct PastStore::State {
    Pool& pool;
    std::mutex mutex;
    std::condition_variable freed;
    std::vector<std::unique_ptr<SteadyWire>> idle;

    State(Pool& given, unsigned streams) : pool{given} {
        for (unsigned i = 0; i < streams; ++i)
            idle.push_back(std::make_unique<SteadyWire>(pool.options().uri, pool.options().role,
                                                        pool.options().statement_timeout));
    }

    /// Runs `work` on one of the streams.
    void stream(std::function<void(Wire&)> const& work) {
        std::unique_ptr<SteadyWire> wire;
        {
            std::unique_lock lock{mutex};
            if (!freed.wait_for(lock, pool.options().wait, [this] { return !idle.empty(); }))
                throw geo::Error{geo::Code::unavailable, "database-busy"};
            wire = std::move(idle.back());
            idle.pop_back();
        }
        auto const give_back = [&] {
            std::lock_guard const lock{mutex};
            idle.push_back(std::move(wire));
            freed.notify_one();
        };
        try {
            wire->read(work);
        } catch (...) {
            give_back();
            throw;
        }
        give_back();
    }
};

PastStore::PastStore(Pool& pool, unsigned streams)
    : m_state{std::make_unique<State>(pool, streams)} {}
PastStore::~PastStore() = default;

void PastStore::rows(model::Collection const& collection, model::Moment const& moment,
                     geo::Box const& window, geo::Policy const& policy, RowSink const& sink) const {
    CopyRows const rows{collection.schema, Fields::tile, geo::Policy::everything()};
    auto const select =
        bounded(PastSql{collection, moment, policy}.near(window).select(rows.columns("t")));
    std::uint32_t count = 0;
    m_state->stream([&](Wire& wire) {
        set_policy(wire, policy);
        rows.read(wire, select, [&](geo::RowView const& row) {
            if (++count <= most_rows) sink(row);
        });
    });
    if (count > most_rows) too_large();
}

PastStore::Page PastStore::page(model::Collection const& collection, model::Moment const& moment,
                                std::vector<geo::Box> const& boxes, std::int64_t after_fid,
                                std::uint32_t limit, geo::Policy const& policy) const {
    Selection const selection{collection, policy, model::Personal::masked};
    PastSql sql{collection, moment, policy};
    sql.meeting(boxes);
    auto const count = "SELECT count(*) FROM (" + bounded(sql.select("t.fid")) + ") AS found";
    auto const select = sql.after(after_fid).select(selection.columns()) + " ORDER BY 1 LIMIT " +
                        std::to_string(std::uint64_t{limit} + 1);
    return reading(m_state->pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        Page page;
        if (!boxes.empty()) {
            page.matched = transaction.exec1(count)[0].template as<std::uint64_t>();
            if (*page.matched > most_rows) too_large();
        }
        page.features = selection.features(transaction.exec(select));
        page.more = page.features.size() > limit;
        if (page.more) page.features.pop_back();
        return page;
    });
}

std::optional<geo::Instant> PastStore::newest(model::Collection const& collection,
                                              model::Moment const& moment,
                                              geo::Policy const& policy) const {
    PastSql const sql{collection, moment, policy};
    auto const select = "SELECT max(at) FROM (" +
                        sql.select(microseconds("t.recorded_at") + " AS at") + ") AS known";
    return reading(m_state->pool, [&](auto& transaction) -> std::optional<geo::Instant> {
        set_policy(transaction, policy);
        auto const newest = transaction.exec1(select)[0];
        return newest.is_null() ? std::nullopt : std::optional{instant(newest)};
    });
}

std::vector<Version> PastStore::versions(model::Collection const& collection, std::int64_t fid,
                                         std::optional<geo::Instant> before, std::uint32_t limit,
                                         geo::Policy const& policy) const {
    Selection const selection{collection, policy, model::Personal::masked};
    constexpr pqxx::row::size_type feature_column = 8;
    auto const select = [&](std::string const& table, std::string const& end,
                            std::string const& more, std::string const& known) {
        auto const recorded = microseconds("t.recorded_at");
        return "SELECT t.version, " + recorded + ", made.who, made.why, " + end + ", " +
               selection.columns() + " FROM " + table +
               " AS t LEFT JOIN diaban.authorship AS made " +
               "ON made.collection = $4 AND made.fid = t.fid AND made.version = t.version "
               "AND made.at = t.recorded_at AND made.operation <> 'delete'" +
               more + " WHERE t.fid = $1 AND " + selection.visible() +
               " AND ($2::bigint IS NULL OR " + recorded + " < $2)" + known;
    };
    auto const& id = collection.schema.id;
    auto const sql =
        select(table_of(id), "NULL::bigint, NULL::text, NULL::text, NULL::text", "", "") +
        " UNION ALL " +
        select(table_of(id + "_history"),
               microseconds("t.ended_at") + ", t.ended_by, gone.who, gone.why",
               " LEFT JOIN diaban.authorship AS gone ON gone.collection = $4 AND gone.fid = t.fid "
               "AND gone.version = t.version + 1 AND gone.at = t.ended_at "
               "AND gone.operation = 'delete'",
               " AND t.ended_at > t.recorded_at") +
        " ORDER BY 2 DESC LIMIT $3";
    auto const bound = before ? std::to_string(before->microseconds) : std::string{};
    return reading(m_state->pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        std::vector<Version> versions;
        for (auto const row : transaction.exec_params(
                 sql, fid, before ? bound.c_str() : static_cast<char const*>(nullptr), limit, id)) {
            auto& version = versions.emplace_back();
            version.number = row[0].template as<std::int64_t>();
            version.recorded_at = instant(row[1]);
            version.made_by = {row[2].c_str(), row[3].c_str()};
            if (!row[4].is_null()) version.ended_at = instant(row[4]);
            version.ended_by = row[5].c_str();
            version.removed_by = {row[6].c_str(), row[7].c_str()};
            version.feature = selection.feature(row, feature_column);
        }
        return versions;
    });
}

} // namespace diaban::data::postgis
