#include "services/domain/standing.hpp"

#include "services/domain/chosen.hpp"
#include "tiles/pyramid/layer_rows.hpp"

#include <chrono>
#include <utility>

namespace diaban::services::domain {

std::int64_t now_microseconds() {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::optional<geo::Period> meant(geo::Schema const& schema, std::optional<geo::Period> const& asked,
                                 std::optional<geo::Instant> const& recorded) {
    if (asked || !tiles::pyramid::rows_end(schema)) return asked;
    auto const at = recorded ? recorded->microseconds : now_microseconds();
    return geo::Period{at, at};
}

tiles::RowChoice standing(tiles::mirror::Layer const& layer, tiles::RowChoice choice,
                          std::optional<geo::Instant> const& at) {
    auto const period = layer.timed() ? meant(layer.schema(), {}, at) : std::nullopt;
    if (!period) return choice;
    return [at = *period, choice = std::move(choice)](tiles::mirror::LiveRun const& live,
                                                      std::vector<std::uint32_t>& rows) {
        keep_period(live, at, rows);
        if (choice) choice(live, rows);
    };
}

} // namespace diaban::services::domain
