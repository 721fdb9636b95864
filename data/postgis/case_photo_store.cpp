#include "data/postgis/access_sql.hpp"
#include "data/postgis/inspection_store.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {

namespace {

using model::PhotoFacts;
using model::PhotoUpload;

/// The case is one that the policy sees.
void check_case(pqxx::transaction_base& sql, std::int64_t inspection, geo::Policy const& policy) {
    set_policy(sql, policy);
    auto const rows =
        sql.exec_params("SELECT FROM record.inspection_cases AS c WHERE c.fid = $1 AND (" +
                            policy_condition(policy, "c") + ")",
                        inspection);
    if (rows.empty())
        throw geo::Error{
            geo::Code::not_found,
            "no-item",
            {{"collection", "inspection_cases"}, {"value", std::to_string(inspection)}}};
}

constexpr char upload_columns[] = "SELECT u.id, u.inspection, u.length, u.received, u.photo, "
                                  "u.sha256 FROM land.photo_upload AS u ";

PhotoUpload upload_of(pqxx::row const& row) {
    PhotoUpload upload;
    upload.id = row[0].as<std::int64_t>();
    upload.inspection = row[1].as<std::int64_t>();
    upload.length = row[2].as<std::int64_t>();
    upload.received = row[3].as<std::int64_t>();
    if (!row[4].is_null()) upload.photo = row[4].as<std::int64_t>();
    upload.sha256 = row[5].as<std::string>();
    return upload;
}

/// The upload, to be changed by this transaction alone, if its case is seen.
PhotoUpload locked_upload(pqxx::transaction_base& sql, std::int64_t id, geo::Policy const& cases) {
    set_policy(sql, cases);
    auto const rows = sql.exec_params(std::string{upload_columns} +
                                          "JOIN record.inspection_cases AS c ON c.fid = "
                                          "u.inspection WHERE u.id = $1 AND (" +
                                          policy_condition(cases, "c") + ") FOR UPDATE OF u",
                                      id);
    if (rows.empty())
        throw geo::Error{geo::Code::not_found, "no-upload", {{"value", std::to_string(id)}}};
    return upload_of(rows[0]);
}

std::string whole_photo(pqxx::transaction_base& sql, PhotoUpload const& upload) {
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(upload.length));
    for (auto const row : sql.exec_params(
             "SELECT encode(bytes, 'hex') FROM land.photo_part WHERE upload = $1 ORDER BY at",
             upload.id))
        bytes += bytes_of(view(row[0]));
    return bytes;
}

/// Metres from the photo's position to the parcel of the case, or to the case.
std::optional<double> distance_of(pqxx::transaction_base& sql, std::int64_t inspection,
                                  std::optional<geo::Position> const& at,
                                  CasePhotoStore::Policies const& policies) {
    if (!at) return std::nullopt;
    set_policy(sql, policies.cases);
    auto const parcel = sql.exec_params1(
        "SELECT parcel, ST_Distance(geom::geography, ST_Point($2, $3, 4326)::geography) FROM "
        "record.inspection_cases WHERE fid = $1",
        inspection, at->x, at->y);
    if (parcel[0].is_null()) return parcel[1].as<double>();
    set_policy(sql, policies.parcels);
    auto const rows = sql.exec_params(
        "SELECT ST_Distance(p.geom::geography, ST_Point($2, $3, 4326)::geography) FROM "
        "record.parcels AS p WHERE p.fid = $1 AND p.geom IS NOT NULL AND (" +
            policy_condition(policies.parcels, "p") + ")",
        parcel[0].as<std::int64_t>(), at->x, at->y);
    return rows.empty() ? parcel[1].as<double>() : rows[0][0].as<double>();
}

std::int64_t insert_photo(pqxx::transaction_base& sql, PhotoUpload const& upload,
                          PhotoFacts const& facts, geo::Instant now, std::string const& who,
                          CasePhotoStore::Policies const& policies) {
    auto const metres = distance_of(sql, upload.inspection, facts.position, policies);
    std::optional<double> lon, lat;
    if (facts.position) lon = facts.position->x, lat = facts.position->y;
    std::optional<std::int64_t> taken;
    if (facts.taken_at) taken = facts.taken_at->microseconds;
    sql.exec_params("INSERT INTO diaban.blob (sha256, size, media_type) VALUES ($1, $2, $3) ON "
                    "CONFLICT DO NOTHING",
                    facts.sha256, facts.size, facts.media_type);
    // The photo is seen by who sees the case.
    set_policy(sql, policies.cases);
    auto const of = sql.exec_params1(
        "SELECT scope, sensitivity FROM record.inspection_cases WHERE fid = $1", upload.inspection);
    set_policy(sql, policies.photos);
    return sql
        .exec_params1("INSERT INTO record.case_photos (inspection, sha256, media_type, size, "
                      "taken_at, lon, lat, distance_m, received_at, sent_by, scope, sensitivity) "
                      "VALUES ($1, $2, $3, $4, " +
                          instant_of("$5") + ", $6, $7, $8, " + instant_of("$9") +
                          ", $10, $11, $12) RETURNING fid",
                      upload.inspection, facts.sha256, facts.media_type, facts.size, taken, lon,
                      lat, metres, now.microseconds, who, of[0].as<std::string>(),
                      of[1].as<int>())[0]
        .as<std::int64_t>();
}

void check_part(PhotoUpload const& upload, std::int64_t offset, std::string_view bytes) {
    if (offset != upload.received)
        throw geo::Error{
            geo::Code::conflict,
            "upload-offset",
            {{"value", std::to_string(offset)}, {"accepted", std::to_string(upload.received)}}};
    constexpr std::int64_t least = 4096; // so that parts are not without number
    auto const size = static_cast<std::int64_t>(bytes.size());
    auto const rest = upload.length - upload.received;
    if (size > rest || size < std::min(least, rest))
        throw geo::Error{
            geo::Code::bad_input,
            "upload-part",
            {{"value", std::to_string(size)},
             {"accepted", std::to_string(std::min(least, rest)) + ".." + std::to_string(rest)}}};
}

} // namespace

PhotoUpload CasePhotoStore::begin(Draft const& draft, std::string const& login,
                                  geo::Policy const& cases) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        check_case(sql, draft.inspection, cases);
        constexpr std::int64_t turn = 7'311'029;
        sql.exec_params("SELECT pg_advisory_xact_lock($1)", turn);
        auto const known = sql.exec_params(
            std::string{upload_columns} + "WHERE u.login = $1 AND u.key = $2", login, draft.key);
        if (!known.empty()) {
            auto upload = upload_of(known[0]);
            if (upload.inspection != draft.inspection || upload.length != draft.length ||
                upload.sha256 != draft.sha256)
                throw geo::Error{geo::Code::bad_input, "key-reused", {{"value", draft.key}}};
            upload.repeated = true;
            return upload;
        }
        constexpr std::int64_t most = 50;
        auto const open = sql.exec_params1(
            "SELECT count(*) FROM land.photo_upload WHERE login = $1 AND photo IS NULL", login);
        if (open[0].as<std::int64_t>() >= most)
            throw geo::Error{
                geo::Code::unavailable, "too-many-uploads", {{"accepted", std::to_string(most)}}};
        PhotoUpload upload{.inspection = draft.inspection,
                           .length = draft.length,
                           .photo = {},
                           .sha256 = draft.sha256};
        upload.id =
            sql.exec_params1("INSERT INTO land.photo_upload (inspection, login, key, "
                             "length, sha256) VALUES ($1, $2, $3, $4, $5) RETURNING id",
                             draft.inspection, login, draft.key, draft.length, draft.sha256)[0]
                .as<std::int64_t>();
        return upload;
    });
}

PhotoUpload CasePhotoStore::upload(std::int64_t id, geo::Policy const& cases) const {
    return writing(m_pool, [&](pqxx::work& sql) { return locked_upload(sql, id, cases); });
}

PhotoUpload CasePhotoStore::append(std::int64_t id, std::int64_t offset, std::string_view bytes,
                                   Judge const& judge, geo::Instant now,
                                   model::Author const& author, Policies const& policies) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        auto upload = locked_upload(sql, id, policies.cases);
        check_part(upload, offset, bytes);
        sql.exec_params("INSERT INTO land.photo_part (upload, at, bytes) VALUES ($1, $2, "
                        "decode($3, 'hex'))",
                        id, offset, hexadecimal_of(bytes));
        upload.received += static_cast<std::int64_t>(bytes.size());
        if (upload.received == upload.length) {
            set_author(sql, author.who, author.why);
            auto const facts = judge(upload, whole_photo(sql, upload));
            upload.photo = insert_photo(sql, upload, facts, now, author.who, policies);
            sql.exec_params("DELETE FROM land.photo_part WHERE upload = $1", id);
        }
        sql.exec_params("UPDATE land.photo_upload SET received = $2, photo = $3 WHERE id = $1", id,
                        upload.received, upload.photo);
        return upload;
    });
}

std::int64_t CasePhotoStore::give_up(std::chrono::seconds age) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        auto const rows = sql.exec_params(
            "DELETE FROM land.photo_upload WHERE id IN (SELECT id FROM land.photo_upload WHERE "
            "photo IS NULL AND began_at < now() - make_interval(secs => $1::integer) ORDER BY "
            "began_at LIMIT 1000 FOR UPDATE SKIP LOCKED)",
            std::int64_t{age.count()});
        return static_cast<std::int64_t>(rows.affected_rows());
    });
}

void CasePhotoStore::restart(std::int64_t id, geo::Policy const& cases) const {
    writing(m_pool, [&](pqxx::work& sql) {
        if (locked_upload(sql, id, cases).photo) return;
        sql.exec_params("DELETE FROM land.photo_part WHERE upload = $1", id);
        sql.exec_params("UPDATE land.photo_upload SET received = 0 WHERE id = $1", id);
    });
}

CasePhotoStore::Found CasePhotoStore::photo(std::int64_t inspection, std::int64_t photo,
                                            geo::Policy const& photos) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, photos);
        auto const rows = sql.exec_params(
            "SELECT p.sha256, p.media_type FROM record.case_photos AS p WHERE p.inspection = $1 "
            "AND p.fid = $2 AND (" +
                policy_condition(photos, "p") + ")",
            inspection, photo);
        if (rows.empty())
            throw geo::Error{geo::Code::not_found, "no-photo", {{"value", std::to_string(photo)}}};
        return Found{rows[0][0].as<std::string>(), rows[0][1].as<std::string>()};
    });
}

std::vector<std::int64_t> CasePhotoStore::photos(std::int64_t inspection,
                                                 geo::Policy const& photos) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, photos);
        std::vector<std::int64_t> fids;
        for (auto const row : sql.exec_params(
                 "SELECT p.fid FROM record.case_photos AS p WHERE p.inspection = $1 AND (" +
                     policy_condition(photos, "p") + ") ORDER BY p.fid LIMIT 1000",
                 inspection))
            fids.push_back(row[0].as<std::int64_t>());
        return fids;
    });
}

} // namespace diaban::data::postgis
