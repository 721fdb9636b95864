#include "data/postgis/feature_store.hpp"

#include "data/postgis/copy_rows.hpp"
#include "data/postgis/leased_wire.hpp"
#include "data/postgis/selection.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "data/postgis/wire.hpp"

namespace diaban::data::postgis {

std::vector<geo::Feature> FeatureStore::by_fids(model::Collection const& collection,
                                                std::span<std::int64_t const> fids,
                                                geo::Policy const& policy,
                                                model::Personal personal) const {
    if (fids.empty()) return {};
    Selection const selection{collection, policy, personal};
    std::string const sql = "SELECT " + selection.columns() + selection.from() +
                            "JOIN unnest($1::bigint[]) WITH ORDINALITY AS asked (fid, place) "
                            "ON t.fid = asked.fid WHERE " +
                            selection.visible() + " ORDER BY asked.place";
    return reading(m_pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        return selection.features(transaction.exec_params(sql, array_text(fids)));
    });
}

std::vector<geo::Feature> FeatureStore::from_to(model::Collection const& collection,
                                                std::int64_t first, std::int64_t last,
                                                geo::Policy const& policy) const {
    CopyRows const rows{collection.schema, Fields::impersonal, policy};
    auto const sql = "SELECT " + rows.columns("t") + " FROM " + table_of(collection.schema.id) +
                     " AS t WHERE t.fid >= " + std::to_string(first) +
                     " AND t.fid <= " + std::to_string(last) + " AND " +
                     policy_condition(policy, "t") + " ORDER BY t.fid";
    LeasedWire leased{m_pool};
    std::vector<geo::Feature> features;
    leased.wire().read([&](Wire& wire) {
        set_policy(wire, policy);
        rows.read(wire, sql,
                  [&](geo::RowView const& row) { read_feature(row, features.emplace_back()); });
    });
    return features;
}

std::optional<FeatureStore::Item> FeatureStore::item(model::Collection const& collection,
                                                     std::int64_t fid, geo::Policy const& policy,
                                                     model::Personal personal) const {
    Selection const selection{collection, policy, personal};
    std::string const sql = "SELECT " + std::string{stamp_columns()} + ", " + selection.columns() +
                            selection.from() + "WHERE t.fid = $1 AND " + selection.visible();
    return reading(m_pool, [&](auto& transaction) -> std::optional<Item> {
        set_policy(transaction, policy);
        auto const rows = transaction.exec_params(sql, fid);
        if (rows.empty()) return std::nullopt;
        return Item{selection.feature(rows[0], 2), stamp_of(rows[0])};
    });
}

FeatureStore::Count FeatureStore::count(model::Collection const& collection,
                                        geo::Policy const& policy) const {
    Selection const selection{collection, policy, model::Personal::masked};
    std::string const sql =
        "SELECT count(*), count(t.geom)" + selection.from() + "WHERE " + selection.visible();
    return reading(m_pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        auto const row = transaction.exec1(sql);
        return Count{row[0].template as<std::uint64_t>(), row[1].template as<std::uint64_t>()};
    });
}

std::vector<std::int64_t> FeatureStore::meets_box(model::Collection const& collection,
                                                  std::span<std::int64_t const> fids,
                                                  geo::Box const& box,
                                                  geo::Policy const& policy) const {
    if (fids.empty()) return {};
    Selection const selection{collection, policy, model::Personal::masked};
    std::string const sql =
        "SELECT t.fid" + selection.from() + "WHERE t.fid = ANY ($1::bigint[]) AND " +
        selection.visible() +
        " AND public.st_intersects(t.geom, public.st_makeenvelope($2, $3, $4, $5, 4326)) "
        "ORDER BY t.fid";
    return reading(m_pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        std::vector<std::int64_t> met;
        for (auto const row : transaction.exec_params(sql, array_text(fids), exact_text(box.min_x),
                                                      exact_text(box.min_y), exact_text(box.max_x),
                                                      exact_text(box.max_y)))
            met.push_back(row[0].template as<std::int64_t>());
        return met;
    });
}

std::vector<geo::Feature> FeatureStore::containing(model::Collection const& collection,
                                                   geo::Position point, std::uint32_t limit,
                                                   geo::Policy const& policy,
                                                   model::Personal personal) const {
    Selection const selection{collection, policy, personal};
    std::string const sql =
        "SELECT " + selection.columns() + selection.from() + "WHERE " + selection.visible() +
        " AND t.geom OPERATOR(public.&&) public.st_point($1, $2, 4326) AND " // by the index
        "public.st_intersects(t.geom, public.st_point($1, $2, 4326)) ORDER BY t.fid LIMIT $3";
    return reading(m_pool, [&](auto& transaction) {
        set_policy(transaction, policy);
        return selection.features(
            transaction.exec_params(sql, exact_text(point.x), exact_text(point.y), limit));
    });
}

} // namespace diaban::data::postgis
