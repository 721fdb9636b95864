#include "data/postgis/wall_store.hpp"

#include "data/postgis/session.hpp"

#include <utility>

namespace diaban::data::postgis {

namespace {

// Instants are microseconds of the epoch, both ways.
constexpr char state_columns[] =
    "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint, s.revision, s.scene, s.content, "
    "s.stands_in, (extract(epoch FROM s.begun_at) * 1000000)::bigint, "
    "(extract(epoch FROM s.switch_at) * 1000000)::bigint, s.view, "
    "(extract(epoch FROM s.view_at) * 1000000)::bigint, s.locked_by, s.carousel, "
    "jsonb_array_length(s.before), s.standby, s.standby_number";

template <class T>
std::optional<T> optional_of(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return field.as<T>();
}

std::optional<geo::Instant> instant_of(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return geo::Instant{field.as<std::int64_t>()};
}

std::optional<std::string> text_of(std::optional<std::int64_t> const& number) {
    return number ? std::optional{std::to_string(*number)} : std::nullopt;
}

std::optional<std::string> microseconds(std::optional<geo::Instant> const& instant) {
    return instant ? std::optional{std::to_string(instant->microseconds)} : std::nullopt;
}

model::WallState state_of(pqxx::row const& row) {
    return {.now = {row[0].as<std::int64_t>()},
            .revision = row[1].as<std::int64_t>(),
            .scene = optional_of<std::int64_t>(row[2]),
            .content = row[3].as<std::string>(),
            .stands_in = row[4].as<std::string>(),
            .begun_at = {row[5].as<std::int64_t>()},
            .switch_at = instant_of(row[6]),
            .view = optional_of<std::string>(row[7]),
            .view_at = instant_of(row[8]),
            .locked_by = optional_of<std::string>(row[9]),
            .carousel = row[10].as<bool>(),
            .undoable = row[11].as<std::int32_t>(),
            .standby = optional_of<std::string>(row[12]),
            .standby_number = row[13].as<std::int64_t>()};
}

/// Calls a function that says how it went.
template <class... Arguments>
std::string act(Pool& pool, char const* call, Arguments const&... arguments) {
    return writing(pool, [&](pqxx::work& sql) {
        return sql.exec_params1(std::string{"SELECT "} + call, arguments...)[0]
            .template as<std::string>();
    });
}

} // namespace

model::WallState WallStore::beat(std::int32_t wall, model::WallBeat const& beat) const {
    return writing(m_edit, [&](pqxx::work& sql) {
        auto const& cells = beat.cells;
        return state_of(
            sql.exec_params1(std::string{"SELECT "} + state_columns +
                                 " FROM diaban.wall_beat($1, $2, $3, $4, $5, $6, $7, $8, "
                                 "'epoch'::timestamptz + $9::bigint * interval '1 microsecond', "
                                 "'epoch'::timestamptz + $10::bigint * interval '1 microsecond') "
                                 "AS s",
                             wall, beat.client, cells.first_row, cells.last_row, cells.first_column,
                             cells.last_column, beat.prepared, beat.shown,
                             microseconds(beat.switched_at), microseconds(beat.painted_at)));
    });
}

std::optional<model::WallState> WallStore::state(std::int32_t wall) const {
    return reading(m_edit, [&](pqxx::transaction_base& sql) -> std::optional<model::WallState> {
        auto const rows = sql.exec_params(std::string{"SELECT "} + state_columns +
                                              " FROM diaban.wall_state AS s WHERE wall = $1",
                                          wall);
        if (rows.empty()) return std::nullopt;
        return state_of(rows[0]);
    });
}

std::vector<model::WallScreen> WallStore::screens(std::int32_t wall) const {
    return reading(m_edit, [&](pqxx::transaction_base& sql) {
        std::vector<model::WallScreen> screens;
        for (auto const& row : sql.exec_params(
                 "SELECT client, first_row, last_row, first_column, last_column, prepared, shown, "
                 "(extract(epoch FROM switched_at) * 1000000)::bigint, "
                 "(extract(epoch FROM painted_at) * 1000000)::bigint, "
                 "(extract(epoch FROM seen_at) * 1000000)::bigint FROM diaban.wall_screen "
                 "WHERE wall = $1 AND seen_at > clock_timestamp() - interval '1 minute' "
                 "ORDER BY first_row, first_column, client",
                 wall)) {
            auto& screen = screens.emplace_back();
            screen.client = row[0].as<std::string>();
            screen.cells = {row[1].as<std::int32_t>(), row[2].as<std::int32_t>(),
                            row[3].as<std::int32_t>(), row[4].as<std::int32_t>()};
            screen.prepared = row[5].as<std::int64_t>();
            screen.shown = row[6].as<std::int64_t>();
            screen.switched_at = instant_of(row[7]);
            screen.painted_at = instant_of(row[8]);
            screen.seen_at = {row[9].as<std::int64_t>()};
        }
        return screens;
    });
}

WallStore::Outcome WallStore::air(std::int32_t wall, std::optional<std::int64_t> scene,
                                  std::string const& content) const {
    return act(m_edit, "diaban.wall_air($1, $2, $3::jsonb)", wall, text_of(scene), content);
}

WallStore::Outcome WallStore::stand_by(std::int32_t wall, std::int64_t scene) const {
    return act(m_edit, "diaban.wall_stand_by($1, $2)", wall, scene);
}

WallStore::Outcome WallStore::undo(std::int32_t wall) const {
    return act(m_edit, "diaban.wall_undo($1)", wall);
}

WallStore::Outcome WallStore::lock(std::int32_t wall, std::optional<std::string> const& by) const {
    return act(m_edit, "diaban.wall_lock($1, $2)", wall, by);
}

WallStore::Outcome WallStore::look_at(std::int32_t wall, std::string const& view) const {
    return act(m_edit, "diaban.wall_look_at($1, $2::jsonb)", wall, view);
}

WallStore::Outcome WallStore::stand_in(std::int32_t wall, std::string const& cell,
                                       std::optional<std::string> const& by) const {
    return act(m_edit, "diaban.wall_stand_in($1, $2, $3)", wall, cell, by);
}

WallStore::Outcome WallStore::carousel(std::int32_t wall, bool going) const {
    return act(m_edit, "diaban.wall_carousel($1, $2)", wall, going);
}

} // namespace diaban::data::postgis
