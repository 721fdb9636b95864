#include "services/domain/time_fields.hpp"

#include <chrono>
#include <variant>

namespace diaban::services::domain {

namespace {

constexpr std::int64_t microseconds_a_day = 86'400'000'000;
constexpr std::int64_t local_offset = 7 * 3'600'000'000LL;

} // namespace

geo::Instant local_midnight(geo::Date day) noexcept {
    return {day.days * microseconds_a_day - local_offset};
}

geo::Date local_day(geo::Instant at) noexcept {
    using namespace std::chrono;
    auto const day = floor<days>(microseconds{at.microseconds} + microseconds{local_offset});
    return {static_cast<std::int32_t>(day.count())};
}

geo::Date local_today() {
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    return local_day({std::chrono::duration_cast<std::chrono::microseconds>(now).count()});
}

bool is_time_field(geo::Schema const& schema, geo::Field const& field) noexcept {
    return field.name == schema.time_field && field.name != "valid_from" &&
           field.name != "valid_to" &&
           (field.type == geo::FieldType::date || field.type == geo::FieldType::timestamp);
}

geo::Period period_of(geo::ValueView const& value) noexcept {
    if (auto const* const date = std::get_if<geo::Date>(&value)) {
        auto const begin = local_midnight(*date).microseconds;
        return {begin, begin + microseconds_a_day - 1};
    }
    if (auto const* const instant = std::get_if<geo::Instant>(&value))
        return {instant->microseconds, instant->microseconds};
    return geo::Period::never();
}

} // namespace diaban::services::domain
