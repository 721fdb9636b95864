#include "services/domain/storm_bulletin.hpp"

#include "services/domain/bulletin_text.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

namespace diaban::services::domain {

namespace {

using Kind = TextToken::Kind;

constexpr std::size_t most_fixes = 20;
constexpr int highest_level = 17;
constexpr int below_levels = 5; // "below 6"

/// Something found in the tokens [begin, end).
template <class T>
struct Found {
    T value{};
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// A time as a bulletin writes it; the year where it is said.
struct SaidTime {
    int hour = 0;
    int minute = 0;
    int day = 0;
    int month = 0;
    std::optional<int> year;
};

/// `04 giờ ngày 28/9`, `16h/28/9`, `16h00 ngày 28-9-2025`.
std::optional<Found<SaidTime>> time_at(BulletinText const& text, std::size_t at) {
    auto next = at;
    auto const hour = text.whole(next++);
    if (!hour || !(text.stands(next, "h") || text.stands(next, "gio"))) return std::nullopt;
    ++next;
    SaidTime said{*hour, 0, 0, 0, {}};
    if (auto const minute = text.whole(next); minute && !text.stands(next + 1, "/")) {
        said.minute = *minute;
        ++next;
        if (text.stands(next, "phut")) ++next;
    }
    while (text.stands(next, "ngay") || text.stands(next, "/") || text.stands(next, ",")) ++next;
    auto const day = text.whole(next);
    bool const dashed = text.stands(next + 1, "-");
    if (!day || !(dashed || text.stands(next + 1, "/"))) return std::nullopt;
    auto const month = text.whole(next + 2);
    if (!month) return std::nullopt;
    said.day = *day;
    said.month = *month;
    next += 3;
    if (text.stands(next, dashed ? "-" : "/"))
        if (auto const year = text.whole(next + 1); year && *year > 1900) {
            said.year = *year;
            next += 2;
        }
    return Found<SaidTime>{said, at, next};
}

/// A latitude or longitude: `16,2 độ Vĩ Bắc`, `17,5N`, `17,5 N`, `17,5°N`.
std::optional<Found<double>> angle_at(BulletinText const& text, std::size_t at, bool latitude) {
    auto const value = text.number(at);
    if (!value) return std::nullopt;
    auto next = at + 1;
    if (text.stands(next, "do") || text.stands(next, "*")) ++next;
    if (text.stands(next, latitude ? "n" : "e")) return Found<double>{*value, at, next + 1};
    if (text.stands(next, latitude ? "vi bac" : "kinh dong"))
        return Found<double>{*value, at, next + 2};
    return std::nullopt;
}

std::optional<Found<geo::Position>> position_at(BulletinText const& text, std::size_t at) {
    auto const latitude = angle_at(text, at, true);
    if (!latitude) return std::nullopt;
    // The second of two latitudes is the border of a zone.
    if (at >= 2 && text.stands(at - 1, "-") &&
        (text.stands(at - 2, "n") || text.stands(at - 2, "bac")))
        return std::nullopt;
    auto next = latitude->end;
    while (text.stands(next, ";") || text.stands(next, ",") || text.stands(next, "-") ||
           text.stands(next, "va"))
        ++next;
    auto const longitude = angle_at(text, next, false);
    if (!longitude || next > latitude->end + 2) return std::nullopt;
    return Found<geo::Position>{{longitude->value, latitude->value}, at, longitude->end};
}

/// `12`, `12-13` from a token on.
std::optional<Found<NumberRange>> range_at(BulletinText const& text, std::size_t at) {
    constexpr double most = 10'000; // no range of a bulletin reaches it; fits an int
    auto const from = text.number(at);
    if (!from) return std::nullopt;
    double const least = std::min(*from, most);
    if (text.stands(at + 1, "-"))
        if (auto const until = text.number(at + 2))
            return Found<NumberRange>{{least, std::min(*until, most)}, at, at + 3};
    return Found<NumberRange>{{least, least}, at, at + 1};
}

/// `Cấp 3:`, `cấp 3 tại`, `cấp 3 với`: how risks of areas begin.
std::optional<Found<int>> risk_at(BulletinText const& text, std::size_t at) {
    if (!text.stands(at, "cap #")) return std::nullopt;
    auto const risk = text.whole(at + 1);
    if (!risk) return std::nullopt;
    if (text.stands(at + 2, ":")) return Found<int>{*risk, at, at + 3};
    for (auto const* const word : {"tai", "voi"}) // of winds only with higher levels
        if (*risk <= 5 && text.stands(at + 2, word)) return Found<int>{*risk, at, at + 3};
    return std::nullopt;
}

/// Where what is said of the storm itself ends and what it does begins.
bool ends_forecast(BulletinText const& text, std::size_t at) {
    static constexpr std::array words{
        "tac dong cua",  "du bao tac dong",    "canh bao gio", "canh bao mua",
        "anh huong cua", "ban tin tiep theo",  "tin phat luc", "ghi chu",
        "tren bien :",   "gio manh , song lon"};
    return std::ranges::any_of(words, [&](char const* one) { return text.stands(at, one); });
}

/// Reads what stands in the tokens of one fix, [begin, end).
class FixReader {
public:
    FixReader(BulletinText const& text, std::size_t begin, std::size_t position, std::size_t end)
        : m_text{text}, m_begin{begin}, m_position{position}, m_end{end} {}

    void read(BulletinFix& fix, std::vector<Remark>& faults) const {
        read_levels(fix, faults);
        read_gust(fix);
        read_motion(fix);
        read_danger(fix);
        read_risks(fix, faults);
    }

private:
    [[nodiscard]] bool is_level(std::size_t at) const {
        return m_text.stands(at, "cap #") && !risk_at(m_text, at) && !is_gust(at);
    }
    [[nodiscard]] bool is_gust(std::size_t at) const {
        return (at > 0 && m_text.stands(at - 1, "giat")) ||
               (at > 1 && m_text.stands(at - 2, "giat tren"));
    }

    void read_levels(BulletinFix& fix, std::vector<Remark>& faults) const {
        for (auto at = m_position; at < m_end; ++at) {
            if (m_text.stands(at, "duoi cap 6") || m_text.stands(at, "< cap 6") ||
                m_text.stands(at, "thanh mot vung ap thap") ||
                m_text.stands(at, "thanh vung ap thap")) {
                fix.level_from = fix.level_until = below_levels;
                return;
            }
            if (!is_level(at)) continue;
            auto const levels = range_at(m_text, at + 1)->value;
            fix.level_from = int(levels.from);
            fix.level_until = int(levels.until);
            bool const known =
                levels.from >= 6 && levels.until <= highest_level && levels.from <= levels.until &&
                levels.from == std::floor(levels.from) && levels.until == std::floor(levels.until);
            if (!known)
                faults.push_back({"bulletin-level", local_hour(fix.at),
                                  m_text.between(at + 1, range_at(m_text, at + 1)->end), "6..17"});
            read_winds(fix, range_at(m_text, at + 1)->end);
            return;
        }
        faults.push_back({"bulletin-no-level", local_hour(fix.at), "", "cấp 6..17"});
    }

    /// `(118-133km/giờ)`.
    void read_winds(BulletinFix& fix, std::size_t at) const {
        if (!m_text.stands(at, "(")) return;
        auto const winds = range_at(m_text, at + 1);
        if (winds && m_text.stands(winds->end, "km")) fix.winds = winds->value;
    }

    void read_gust(BulletinFix& fix) const {
        for (auto at = m_position; at < m_end && !fix.gust; ++at) {
            if (!m_text.stands(at, "giat")) continue;
            auto next = at + 1;
            if (m_text.stands(next, "tren")) ++next;
            if (m_text.stands(next, "cap")) ++next;
            if (auto const levels = range_at(m_text, next)) fix.gust = int(levels->value.until);
        }
    }

    /// A direction is what stands after `hướng`, or before a speed.
    void read_motion(BulletinFix& fix) const {
        for (auto at = m_begin; at < m_end && fix.direction.empty(); ++at) {
            auto const direction = direction_at(at);
            if (!direction) continue;
            auto next = direction->end;
            for (bool skipped = true; skipped;) {
                skipped = false;
                for (auto const* const word :
                     {",", "voi", "toc", "do", "khoang", "moi", "gio", "di", "duoc"})
                    if (m_text.stands(next, word)) {
                        ++next;
                        skipped = true;
                    }
            }
            auto const speed = range_at(m_text, next);
            bool const fast = speed && m_text.stands(speed->end, "km");
            bool const led = at > 0 && m_text.stands(at - 1, "huong");
            if (!fast && !led) continue;
            fix.direction = m_text.between(at, direction->end);
            fix.azimuth = direction->value;
            if (fast) fix.speed = speed->value;
        }
    }

    /// One of sixteen winds, by all its words.
    [[nodiscard]] std::optional<Found<double>> direction_at(std::size_t at) const {
        static constexpr std::array<std::pair<std::string_view, double>, 16> winds{
            {{"bac dong bac", 22.5},
             {"dong dong bac", 67.5},
             {"dong dong nam", 112.5},
             {"nam dong nam", 157.5},
             {"nam tay nam", 202.5},
             {"tay tay nam", 247.5},
             {"tay tay bac", 292.5},
             {"bac tay bac", 337.5},
             {"dong bac", 45},
             {"dong nam", 135},
             {"tay nam", 225},
             {"tay bac", 315},
             {"bac", 0},
             {"dong", 90},
             {"nam", 180},
             {"tay", 270}}};
        for (auto const& [words, azimuth] : winds)
            if (m_text.stands(at, words))
                return Found<double>{azimuth, at,
                                     at + 1 + std::size_t(std::ranges::count(words, ' '))};
        return std::nullopt;
    }

    void read_danger(BulletinFix& fix) const {
        std::vector<Found<double>> latitudes;
        std::vector<Found<double>> longitudes;
        for (auto at = m_position; at < m_end; ++at) {
            if (position_at(m_text, at)) {
                at = position_at(m_text, at)->end - 1;
                continue;
            }
            if (auto const found = angle_at(m_text, at, true)) latitudes.push_back(*found);
            if (auto const found = angle_at(m_text, at, false)) longitudes.push_back(*found);
        }
        for (auto const latitude : {true, false}) {
            auto& found = latitude ? latitudes : longitudes;
            if (found.size() == 1 && found[0].begin >= 2 && m_text.stands(found[0].begin - 1, "-"))
                if (auto const other = m_text.number(found[0].begin - 2))
                    found.insert(found.begin(),
                                 {*other, found[0].begin - 2, found[0].begin - 1}); // 14,0-20,0N
        }
        if (latitudes.empty() && longitudes.empty()) return;
        auto box = east_sea;
        bound(latitudes, "nam", "bac", box.min_y, box.max_y);
        bound(longitudes, "tay", "dong", box.min_x, box.max_x);
        fix.danger = box;
        auto end = m_position;
        for (auto const* const list : {&latitudes, &longitudes})
            for (auto const& one : *list) end = std::max(end, one.end);
        auto begin = m_position;
        while (begin < end && !m_text.stands(begin, "vi tuyen") &&
               !m_text.stands(begin, "kinh tuyen") && !m_text.stands(begin, "phia bac vi") &&
               !m_text.stands(begin, "phia nam vi") && !m_text.stands(begin, "phia tay kinh") &&
               !m_text.stands(begin, "phia dong kinh") && !m_text.stands(begin, "tu #"))
            ++begin;
        fix.danger_stated = m_text.between(begin, end);
    }

    /// Two numbers bound a side each; one bounds what the words before it leave.
    void bound(std::vector<Found<double>> const& found, std::string_view below,
               std::string_view above, double& least, double& most) const {
        if (found.size() >= 2) {
            least = std::min(found[0].value, found[1].value);
            most = std::max(found[0].value, found[1].value);
        } else if (found.size() == 1) {
            auto const at = found[0].begin;
            for (auto back = at > 5 ? at - 5 : 0; back < at; ++back) {
                if (m_text.stands(back, "phia " + std::string{below})) most = found[0].value;
                if (m_text.stands(back, "phia " + std::string{above})) least = found[0].value;
            }
        }
    }

    void read_risks(BulletinFix& fix, std::vector<Remark>& faults) const {
        for (auto at = m_position; at < m_end; ++at) {
            auto const risk = risk_at(m_text, at);
            if (!risk) continue;
            if (risk->value < 1 || risk->value > 5)
                faults.push_back(
                    {"bulletin-risk", local_hour(fix.at), std::to_string(risk->value), "1..5"});
            auto end = risk->end;
            auto begin = end;
            auto const add = [&] {
                auto area = m_text.between(begin, end);
                bool land = false;
                for (auto i = begin; i < end; ++i) land = land || m_text.stands(i, "dat lien");
                if (!area.empty()) fix.risks.push_back({std::move(area), land, risk->value});
            };
            for (; end < m_end && !risk_at(m_text, end) && !m_text[end].first_of_line; ++end)
                if (m_text.stands(end, ";") || m_text.stands(end, ".")) {
                    add();
                    begin = end + 1;
                }
            add();
            at = end - 1;
        }
    }

    BulletinText const& m_text;
    std::size_t m_begin;
    std::size_t m_position;
    std::size_t m_end;
};

/// The instant of a time without year nearest to a day; nothing for a day that is none.
std::optional<geo::Instant> instant_of(SaidTime const& said, geo::Date near) {
    using namespace std::chrono;
    if (said.hour > 24 || said.minute > 59 || said.day > 31 || said.month > 12) return std::nullopt;
    year_month_day const around{sys_days{days{near.days}}};
    std::optional<geo::Instant> best;
    for (int const turn : {-1, 0, 1}) {
        auto const in = said.year ? year{*said.year} : around.year() + years{turn};
        year_month_day const date{in, month{unsigned(said.month)}, day{unsigned(said.day)}};
        if (!date.ok()) continue;
        geo::Date const on{int(sys_days{date}.time_since_epoch().count())};
        auto const at =
            local_midnight(on).microseconds + (said.hour * 60LL + said.minute) * 60'000'000;
        auto const off = [&](std::int64_t one) {
            return std::abs(one - local_midnight(near).microseconds);
        };
        if (!best || off(at) < off(best->microseconds)) best = geo::Instant{at};
    }
    return best;
}

/// `Bão số 10 (Bualoi)`, from what the text calls it.
std::string name_of(BulletinText const& text) {
    std::string number;
    std::string name;
    bool depression = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        depression = depression || (at < 12 && text.stands(at, "ap thap nhiet doi"));
        if (!text.stands(at, "bao so #")) continue;
        auto const whole = text.whole(at + 2);
        if (whole && number.empty()) number = std::to_string(*whole);
        for (auto next = at + 3; next < at + 6 && name.empty(); ++next)
            if (text.stands(next, "(") && next + 2 < text.size() && text.stands(next + 2, ")") &&
                text[next + 1].kind == Kind::word)
                name = text.between(next + 1, next + 2);
    }
    if (number.empty()) return depression ? "Áp thấp nhiệt đới" : "Bão";
    return name.empty() ? fmt::format("Bão số {}", number)
                        : fmt::format("Bão số {} ({})", number, name);
}

struct Placed {
    Found<SaidTime> time;
    Found<geo::Position> position;
};

/// Every position with the last time before it.
std::vector<Placed> positions_of(BulletinText const& text, std::vector<Remark>& faults) {
    std::vector<Placed> placed;
    std::optional<Found<SaidTime>> time;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (auto const said = time_at(text, at)) {
            time = said;
            at = said->end - 1;
            continue;
        }
        auto const position = position_at(text, at);
        if (!position) continue;
        if (!time)
            faults.push_back({"bulletin-no-time", "", text.between(position->begin, position->end),
                              "04 giờ ngày 28/9"});
        else
            placed.push_back({*time, *position});
        time.reset();
        at = position->end - 1;
    }
    return placed;
}

bool is_on_earth_here(geo::Position p) noexcept {
    return p.y >= 0 && p.y <= 45 && p.x >= 90 && p.x <= 180;
}

} // namespace

std::string local_hour(geo::Instant at) {
    using namespace std::chrono;
    sys_time<microseconds> const local{microseconds{at.microseconds} + hours{7}};
    auto const day = floor<days>(local);
    year_month_day const date{day};
    auto const hour = floor<hours>(local - day).count();
    return fmt::format("{}/{} {:02}h", unsigned(date.day()), unsigned(date.month()), hour);
}

StormBulletin read_bulletin(std::string_view words, geo::Date received,
                            std::span<geo::hazard::WindLevel const> levels,
                            std::span<geo::hazard::StormRisk const> risks) {
    StormBulletin bulletin;
    BulletinText const text{words.substr(0, longest_bulletin)};
    bulletin.storm = name_of(text);
    bulletin.issuer = "Trung tâm Dự báo khí tượng thủy văn quốc gia";
    auto const placed = positions_of(text, bulletin.faults);
    if (placed.empty())
        bulletin.faults.push_back(
            {"bulletin-no-position", "", "", "16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông"});
    if (placed.size() > most_fixes)
        bulletin.faults.push_back(
            {"bulletin-long", "", std::to_string(placed.size()), std::to_string(most_fixes)});
    for (std::size_t i = 0; i < std::min(placed.size(), most_fixes); ++i) {
        auto const& [time, position] = placed[i];
        auto& fix = bulletin.fixes.emplace_back();
        fix.forecast = i > 0;
        fix.centre = position.value;
        auto const at = instant_of(time.value, received);
        if (!at)
            bulletin.faults.push_back(
                {"bulletin-time", "", text.between(time.begin, time.end), "00..24h, 1/1..31/12"});
        fix.at = at.value_or(geo::Instant{});
        if (!is_on_earth_here(fix.centre))
            bulletin.faults.push_back({"bulletin-position", local_hour(fix.at),
                                       text.between(position.begin, position.end),
                                       "0..45 N, 90..180 E"});
        auto end = i + 1 < placed.size() ? placed[i + 1].time.begin : text.size();
        for (auto here = position.end; here < end; ++here)
            if (ends_forecast(text, here)) end = here;
        FixReader{text, time.end, position.end, end}.read(fix, bulletin.faults);
    }
    if (bulletin.faults.empty()) doubt(bulletin, received, levels, risks);
    return bulletin;
}

} // namespace diaban::services::domain
