#pragma once

#include "data/model/wall.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// What walls show, and their screens. Each call is one function of the record.
///
/// Pool     edit.
/// Policy   whether the caller may see or operate the wall is judged before; walls here are
///          numbers that the record need not know.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class WallStore {
public:
    explicit WallStore(Pool& edit) : m_edit{edit} {}

    /// Hears a screen and tells it what there is to show.
    [[nodiscard]] model::WallState beat(std::int32_t wall, model::WallBeat const& beat) const;

    /// What it shows; nothing for a wall that no screen and no operator has touched.
    [[nodiscard]] std::optional<model::WallState> state(std::int32_t wall) const;
    /// Screens heard of within the last minute.
    [[nodiscard]] std::vector<model::WallScreen> screens(std::int32_t wall) const;

    /// How an operator's act went: `done`, `locked`, and what the migration names for each.
    using Outcome = std::string;
    /// `content` is JSON.
    [[nodiscard]] Outcome air(std::int32_t wall, std::optional<std::int64_t> scene,
                              std::string const& content) const;
    /// Lets the screens prepare a kept scene before it is put on air.
    [[nodiscard]] Outcome stand_by(std::int32_t wall, std::int64_t scene) const;
    [[nodiscard]] Outcome undo(std::int32_t wall) const;
    /// `by` absent: unlocks.
    [[nodiscard]] Outcome lock(std::int32_t wall, std::optional<std::string> const& by) const;
    /// Where all screens move the map to, together; `view` is JSON.
    [[nodiscard]] Outcome look_at(std::int32_t wall, std::string const& view) const;
    /// `2/3` shown by `2/2`; by nobody where that is absent.
    [[nodiscard]] Outcome stand_in(std::int32_t wall, std::string const& cell,
                                   std::optional<std::string> const& by) const;
    [[nodiscard]] Outcome carousel(std::int32_t wall, bool going) const;

private:
    Pool& m_edit;
};

} // namespace diaban::data::postgis
