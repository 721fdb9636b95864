#include "services/domain/storm_bulletin.hpp"
#include "tests/fuzz/targets.hpp"

#include <string>
#include <vector>

void diaban::tests::fuzz::bulletin(Bytes input) {
    using namespace geo::hazard;
    static std::vector<WindLevel> const levels{
        {6, 10.8, "", {}}, {8, 17.2, "", {}}, {12, 32.7, "", {}}, {16, 51.0, "", {}}};
    static std::vector<StormRisk> const risks{{"sea", 6, 15, 3, {}}, {"north", 12, 15, 4, {}}};
    constexpr geo::Date received{20'359}; // 2025-09-28
    auto const read = services::domain::read_bulletin(text_of(input), received, levels, risks);
    if (!read.faults.empty()) return;
    for (auto const& fix : read.fixes) {
        require(fix.centre.x >= -180 && fix.centre.x <= 180, "a centre beyond the world");
        require(fix.centre.y >= -90 && fix.centre.y <= 90, "a centre beyond the poles");
    }
}
