#include "data/postgis/coverages.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <map>

namespace diaban::data::postgis {
namespace {

using model::Coverage;
using model::CoverageFile;
using model::CoverageOrigin;

constexpr char columns[] =
    "id, title_vi, title_en, quantity, unit, vertical_srid, vertical_datum, srid, columns, rows, "
    "west, north, cell_width, cell_height, least, most, origin, attribution, licence, source, "
    "details, derived_from, scope, sensitivity, login, job, "
    "(extract(epoch FROM recorded_at) * 1000000)::bigint, array_to_string(bands, ',')";

constexpr char file_columns[] =
    "f.coverage, CASE WHEN f.at > '-infinity' THEN (extract(epoch FROM f.at) * 1000000)::bigint "
    "END, f.blob, f.size FROM diaban.coverage_file AS f";

CoverageOrigin origin_named(std::string_view name) {
    for (auto const origin :
         {CoverageOrigin::measured, CoverageOrigin::synthetic, CoverageOrigin::model})
        if (to_string(origin) == name) return origin;
    throw geo::Error{
        geo::Code::internal, "internal", {}, "origin of a coverage: " + std::string{name}};
}

std::optional<double> number(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return field.as<double>();
}

/// Of a list with commas; band names have none.
std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) {
        auto const comma = std::min(list.find(','), list.size());
        words.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return words;
}

Coverage coverage_of(pqxx::row const& row) {
    Coverage made;
    made.id = row[0].as<std::string>();
    made.title = {row[1].as<std::string>(), row[2].as<std::string>()};
    made.quantity = row[3].as<std::string>();
    made.unit = row[4].as<std::string>();
    made.vertical_srid = row[5].as<int>();
    made.vertical_datum = row[6].as<std::string>();
    made.frame.srid = row[7].as<int>();
    made.frame.shape = {row[8].as<std::int32_t>(), row[9].as<std::int32_t>()};
    made.frame.west = row[10].as<double>();
    made.frame.north = row[11].as<double>();
    made.frame.width = row[12].as<double>();
    made.frame.height = row[13].as<double>();
    made.least = number(row[14]);
    made.most = number(row[15]);
    made.origin = origin_named(row[16].c_str());
    made.attribution = row[17].as<std::string>();
    made.licence = row[18].as<std::string>();
    made.source = row[19].as<std::string>();
    made.details = row[20].as<std::string>();
    made.derived_from = row[21].as<std::string>("");
    made.scope = row[22].as<std::string>();
    made.sensitivity = static_cast<std::uint8_t>(row[23].as<int>());
    if (!row[24].is_null()) made.login = row[24].as<std::string>();
    made.job = row[25].as<std::string>("");
    made.recorded = {row[26].as<std::int64_t>()};
    made.bands = words_of(row[27].as<std::string>());
    return made;
}

CoverageFile file_of(pqxx::row const& row) {
    CoverageFile file;
    if (!row[1].is_null()) file.at = geo::Instant{row[1].as<std::int64_t>()};
    file.sha256 = row[2].as<std::string>();
    file.size = row[3].as<std::uint64_t>();
    return file;
}

std::optional<std::string> unless_empty(std::string const& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

void insert_file(pqxx::transaction_base& sql, std::string_view id, CoverageFile const& file) {
    sql.exec_params("INSERT INTO diaban.blob (sha256, size, media_type) VALUES ($1, $2, $3) "
                    "ON CONFLICT DO NOTHING",
                    file.sha256, file.size, file.media_type);
    auto const at = file.at ? std::to_string(file.at->microseconds) : std::string{};
    sql.exec_params(
        "INSERT INTO diaban.coverage_file (coverage, at, blob, size) VALUES ($1, "
        "coalesce('epoch'::timestamptz + nullif($2, '')::bigint * interval '1 microsecond', "
        "'-infinity'), $3, $4)",
        std::string{id}, at, file.sha256, file.size);
}

void insert(pqxx::transaction_base& sql, Coverage const& one) {
    auto const& frame = one.frame;
    sql.exec_params(
        "INSERT INTO diaban.coverage (id, title_vi, title_en, quantity, unit, vertical_srid, "
        "vertical_datum, srid, columns, rows, west, north, cell_width, cell_height, least, most, "
        "origin, attribution, licence, source, details, derived_from, scope, sensitivity, login, "
        "job, bands) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
        "$16, $17, "
        "$18, $19, $20, $21::jsonb, $22, $23, $24, $25, $26::uuid, $27::text[])",
        one.id, one.title.vi, one.title.en, one.quantity, one.unit, one.vertical_srid,
        one.vertical_datum, frame.srid, frame.shape.columns, frame.shape.rows, frame.west,
        frame.north, frame.width, frame.height, one.least, one.most,
        std::string{to_string(one.origin)}, one.attribution, one.licence, one.source, one.details,
        unless_empty(one.derived_from), one.scope, int{one.sensitivity}, one.login,
        unless_empty(one.job), array_text(one.bands));
}

} // namespace

std::int64_t Coverages::version() const {
    return reading(m_pool, [](auto& sql) {
        return sql.exec1("SELECT version FROM diaban.coverage_state")[0]
            .template as<std::int64_t>();
    });
}

std::vector<Coverage> Coverages::list() const {
    return reading(m_pool, [](auto& sql) {
        std::vector<Coverage> all;
        std::map<std::string, std::size_t, std::less<>> places;
        for (auto const row : sql.exec(std::string{"SELECT "} + columns +
                                       " FROM diaban.coverage ORDER BY id COLLATE \"C\"")) {
            all.push_back(coverage_of(row));
            places.emplace(all.back().id, all.size() - 1);
        }
        for (auto const row :
             sql.exec(std::string{"SELECT "} + file_columns + " ORDER BY f.coverage, f.at"))
            if (auto const at = places.find(row[0].template as<std::string>()); at != places.end())
                all[at->second].files.push_back(file_of(row));
        return all;
    });
}

std::optional<Coverage> Coverages::find(std::string_view id) const {
    return reading(m_pool, [&](auto& sql) -> std::optional<Coverage> {
        auto const rows = sql.exec_params(std::string{"SELECT "} + columns +
                                              " FROM diaban.coverage WHERE id = $1",
                                          std::string{id});
        if (rows.empty()) return std::nullopt;
        auto found = coverage_of(rows[0]);
        for (auto const row : sql.exec_params(std::string{"SELECT "} + file_columns +
                                                  " WHERE f.coverage = $1 ORDER BY f.at",
                                              std::string{id}))
            found.files.push_back(file_of(row));
        return found;
    });
}

void Coverages::put(Coverage const& coverage) const {
    writing(m_pool, [&](auto& sql) {
        sql.exec_params("DELETE FROM diaban.coverage WHERE id = $1", coverage.id);
        insert(sql, coverage);
        for (auto const& file : coverage.files) insert_file(sql, coverage.id, file);
    });
}

void Coverages::add(std::string_view id, CoverageFile const& file) const {
    writing(m_pool, [&](auto& sql) { insert_file(sql, id, file); });
}

void Coverages::complete(Coverage const& coverage) const {
    writing(m_pool, [&](auto& sql) {
        sql.exec_params("UPDATE diaban.coverage SET least = $2, most = $3, details = $4::jsonb "
                        "WHERE id = $1",
                        coverage.id, coverage.least, coverage.most, coverage.details);
    });
}

bool Coverages::remove(std::string_view id) const {
    return writing(m_pool, [&](auto& sql) {
        return sql.exec_params("DELETE FROM diaban.coverage WHERE id = $1", std::string{id})
                   .affected_rows() == 1;
    });
}

} // namespace diaban::data::postgis
