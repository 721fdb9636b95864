#include "data/postgis/dossier_plan.hpp"
#include "data/postgis/land_sql.hpp"
#include "data/postgis/land_store.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using model::Dossier;
using model::DossierDraft;
using Json = nlohmann::json;

constexpr char dossier_columns[] =
    "d.id, d.kind, d.state, d.parents, d.proposal, o.number, o.issued_on - DATE '1970-01-01', "
    "d.change, d.drafted_by, d.checked_by, d.approved_by, d.reason, d.versions, d.document, "
    "d.undoes FROM land.dossier d JOIN land.document o ON o.id = d.document";

std::vector<std::int64_t> numbers_in(pqxx::field const& field) {
    std::vector<std::int64_t> numbers;
    auto parser = field.as_array();
    for (auto next = parser.get_next(); next.first != pqxx::array_parser::juncture::done;
         next = parser.get_next())
        if (next.first == pqxx::array_parser::juncture::string_value)
            numbers.push_back(std::stoll(next.second));
    return numbers;
}

Dossier dossier_of(pqxx::row const& row) {
    auto const text = [&](int i) { return row[i].is_null() ? std::string{} : row[i].c_str(); };
    Dossier dossier;
    dossier.id = row[0].as<std::int64_t>();
    dossier.kind = text(1);
    dossier.state = text(2);
    dossier.parents = numbers_in(row[3]);
    dossier.proposal = text(4);
    dossier.document = text(5);
    dossier.issued_on = {row[6].as<std::int32_t>()};
    if (!row[7].is_null()) dossier.change = row[7].as<std::int64_t>();
    dossier.drafted_by = text(8);
    dossier.checked_by = text(9);
    dossier.approved_by = text(10);
    dossier.reason = text(11);
    return dossier;
}

/// That the policy sees all parcels of dossier `d`.
std::string seen(geo::Policy const& policy) {
    return "NOT EXISTS (SELECT FROM unnest(d.parents) AS f (fid) WHERE NOT EXISTS (SELECT FROM "
           "record.parcels p WHERE p.fid = f.fid AND (" +
           policy_condition(policy, "p") + ")))";
}

pqxx::row locked(pqxx::work& sql, std::int64_t id, geo::Policy const& policy) {
    set_policy(sql, policy);
    auto const rows =
        sql.exec_params(std::string{"SELECT "} + dossier_columns + " WHERE d.id = $1 AND " +
                            seen(policy) + " FOR UPDATE OF d",
                        id);
    if (rows.empty()) throw Error{Code::not_found, "no-dossier", {{"value", std::to_string(id)}}};
    return rows[0];
}

Dossier read_one(pqxx::transaction_base& sql, std::int64_t id) {
    auto const rows =
        sql.exec_params(std::string{"SELECT "} + dossier_columns + " WHERE d.id = $1", id);
    if (rows.empty()) throw Error{Code::not_found, "no-dossier", {{"value", std::to_string(id)}}};
    return dossier_of(rows[0]);
}

void must_be(Dossier const& dossier, std::string_view state) {
    if (dossier.state != state)
        throw Error{Code::conflict,
                    "dossier-state",
                    {{"value", dossier.state}, {"accepted", std::string{state}}}};
}

void must_be_another(std::string const& who, std::initializer_list<std::string> others) {
    for (auto const& other : others)
        if (who == other) throw Error{Code::conflict, "same-person", {{"value", who}}};
}

/// A change takes these parcels out of force and brings the children in.
std::int64_t write_change(pqxx::work& sql, Dossier const& dossier, pqxx::row const& row,
                          std::vector<PlannedParent> const& parents) {
    bool const undo = dossier.kind == "undo";
    auto const change =
        sql.exec_params1("INSERT INTO land.change (kind, document, dossier, undoes) VALUES ($1, "
                         "$2, $3, $4) RETURNING id",
                         undo ? "TD" : "TN", row[13].as<std::int64_t>(), dossier.id,
                         row[14].is_null() ? std::optional<std::int64_t>{}
                                           : std::optional{row[14].as<std::int64_t>()})[0]
            .as<std::int64_t>();
    retire(sql, parents);
    auto const children = undo ? restore(sql, row[14].as<std::int64_t>())
                               : insert_children(sql, Json::parse(dossier.proposal), parents);
    // An undone change stays in the lineage, marked: what is taken back begets nothing.
    if (undo) return change;
    for (auto const& parent : parents)
        for (auto const child : children)
            sql.exec_params("INSERT INTO land.lineage (change, parent, child) VALUES ($1, $2, $3)",
                            change, parent.fid, child);
    return change;
}

} // namespace

Dossier DossierStore::draft(DossierDraft const& draft, std::string const& who,
                            geo::Policy const& policy) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        set_policy(sql, policy);
        auto const fids =
            draft.kind == "undo" ? parcels_made_by(sql, draft.undoes.value_or(0)) : draft.parcels;
        auto const parents = lock_parents(sql, fids, policy);
        refuse_open_dossiers(sql, fids);
        auto const proposal = plan(sql, draft, parents);
        std::vector<std::int64_t> versions;
        for (auto const& parent : parents) versions.push_back(parent.version);
        auto const document =
            sql.exec_params1("INSERT INTO land.document (number, issued_on) VALUES ($1, $2) "
                             "RETURNING id",
                             draft.document, geo::codec::date_text(draft.issued_on))[0]
                .as<std::int64_t>();
        auto const id =
            sql.exec_params1(
                   "INSERT INTO land.dossier (kind, parents, versions, proposal, document, "
                   "undoes, drafted_by) VALUES ($1, $2::bigint[], $3::bigint[], "
                   "$4::jsonb, $5, $6, $7) RETURNING id",
                   draft.kind, fid_array(parents), number_array(versions), proposal.dump(),
                   document, draft.undoes, who)[0]
                .as<std::int64_t>();
        return read_one(sql, id);
    });
}

Dossier DossierStore::check(std::int64_t id, std::string const& who,
                            geo::Policy const& policy) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        auto const dossier = dossier_of(locked(sql, id, policy));
        must_be(dossier, "drafted");
        must_be_another(who, {dossier.drafted_by});
        sql.exec_params("UPDATE land.dossier SET state = 'checked', checked_by = $2, checked_at = "
                        "now() WHERE id = $1",
                        id, who);
        return read_one(sql, id);
    });
}

Dossier DossierStore::approve(std::int64_t id, std::string const& who,
                              geo::Policy const& policy) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        auto const row = locked(sql, id, policy);
        auto const dossier = dossier_of(row);
        must_be(dossier, "checked");
        must_be_another(who, {dossier.drafted_by, dossier.checked_by});
        set_author(sql, who, dossier.document);
        auto const parents = lock_parents(sql, dossier.parents, policy);
        auto const versions = numbers_in(row[12]);
        for (std::size_t i = 0; i < parents.size(); ++i)
            if (parents[i].version != versions[i])
                throw Error{Code::conflict, "parcel-changed", {{"value", parents[i].identifier}}};
        auto const change = write_change(sql, dossier, row, parents);
        sql.exec_params("UPDATE land.dossier SET state = 'approved', approved_by = $2, approved_at "
                        "= now(), change = $3 WHERE id = $1",
                        id, who, change);
        return read_one(sql, id);
    });
}

Dossier DossierStore::give_back(std::int64_t id, std::string const& who, std::string const& reason,
                                geo::Policy const& policy) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        auto const dossier = dossier_of(locked(sql, id, policy));
        if (dossier.state == "approved") must_be(dossier, "checked");
        sql.exec_params("UPDATE land.dossier SET state = 'returned', reason = $2 WHERE id = $1", id,
                        who + ": " + reason);
        return read_one(sql, id);
    });
}

Dossier DossierStore::dossier(std::int64_t id, geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        auto const rows = sql.exec_params(
            std::string{"SELECT "} + dossier_columns + " WHERE d.id = $1 AND " + seen(policy), id);
        if (rows.empty())
            throw Error{Code::not_found, "no-dossier", {{"value", std::to_string(id)}}};
        return dossier_of(rows[0]);
    });
}

std::vector<Dossier> DossierStore::dossiers(std::string_view state, std::uint32_t limit,
                                            geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<Dossier> all;
        for (auto const& row : sql.exec_params(std::string{"SELECT "} + dossier_columns +
                                                   " WHERE ($1 = '' OR d.state = $1) AND " +
                                                   seen(policy) + " ORDER BY d.id DESC LIMIT $2",
                                               std::string{state}, limit))
            all.push_back(dossier_of(row));
        return all;
    });
}

} // namespace diaban::data::postgis
