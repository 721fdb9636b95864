#pragma once

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <chrono>
#include <string>

namespace diaban::tests {

inline constexpr char json_body[] = "Content-Type: application/json\r\n";

/// Waits until the server shows what was written past it.
inline void follow_work(World& world) {
    auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
    for (auto const* const id : {"indicators", "indicator_catalogue", "tasks", "service_dossiers",
                                 "service_pauses", "service_scores", "holidays", "directives"})
        world.server().atlas().await_change(
            id, head, std::chrono::steady_clock::now() + std::chrono::seconds{20});
}

/// A world with two owners of indicators, Tết of 2026 among the holidays, and two directives.
inline World& office() {
    static World world;
    static bool const made = [&] {
        auto const& database = world.database();
        database.sql(
            "INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, "
            "cadence, "
            "aggregation, decimals, owner, least, most, warn_at, alarm_at) VALUES "
            "('trees', 'environment', 'Cây xanh', 'cây', 'up', 'year', 'sum', 0, 'Sở Xanh', 0, "
            "null, 50, 20), ('cover', 'environment', 'Độ che phủ', '%', 'up', 'year', 'none', 1, "
            "'Sở Xanh', 0, 100, null, null), ('beds', 'health', 'Giường', 'giường', 'up', 'month', "
            "'sum', 0, 'Sở Y tế', 0, null, null, null);"
            "INSERT INTO record.holidays (day, title) SELECT d::date, 'Tết' FROM "
            "generate_series('2026-02-16'::timestamp, '2026-02-20', '1 day') d;"
            "INSERT INTO record.service_scores (part, part_group, title, points, since) VALUES "
            "('published', 1, 'Công khai', 18, '2022-06-23'), ('in_time', 2, 'Tiến độ', 20, "
            "'2022-06-23'), ('digitised', 3, 'Số hóa', 22, '2022-06-23'), ('online', 4, 'Trực "
            "tuyến', 12, '2022-06-23'), ('paid_online', 4, 'Trực tuyến', 10, '2022-06-23'), "
            "('satisfied', 5, 'Hài lòng', 18, '2022-06-23');"
            "INSERT INTO record.directives (number, issued_on, issuer, office, subject, deadline, "
            "state, places) VALUES ('123/UBND-NN', '2026-01-05', 'UBND tỉnh', 'Sở Xanh', 'Phòng "
            "chống cháy rừng mùa khô', '2026-02-01', 'open', '18739, 18801'), ('7/CT-UBND', "
            "'2026-03-01', 'UBND tỉnh', 'Sở Y tế', 'Phong chong dich', '2099-01-01', 'open', "
            "null)");
        follow_work(world);
        return true;
    }();
    (void)made;
    return world;
}

} // namespace diaban::tests
