#include "data/postgis/feed_reader.hpp"

#include "data/postgis/session.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace diaban::data::postgis {
namespace {

constexpr auto no_end = std::numeric_limits<std::int64_t>::max();

/// Parts what follows `from` without a gap, or is at most `settled`, from the rest.
FeedReading parted(std::vector<Change> changes, std::int64_t from, std::int64_t settled) {
    FeedReading reading;
    auto last = from;
    for (auto& change : changes) {
        bool const in_turn = change.seq == last + 1 || change.seq <= settled;
        if (in_turn && reading.ahead.empty()) {
            last = change.seq;
            reading.settled.push_back(std::move(change));
        } else {
            reading.ahead.push_back(std::move(change));
        }
    }
    return reading;
}

} // namespace

std::optional<FeedReading> FeedReader::read(Cursor cursor, std::uint32_t limit) {
    auto changes = m_feed.between(cursor, no_end, limit);
    if (!changes) return std::nullopt;
    auto reading = parted(std::move(*changes), cursor.seq, cursor.seq);
    if (reading.ahead.empty()) return reading;
    auto under_way = commits();
    if (m_watched.generation == cursor.generation && m_watched.seq > cursor.seq) {
        std::vector<std::string> left;
        std::ranges::set_intersection(m_commits, under_way, std::back_inserter(left));
        m_commits = std::move(left);
    } else {
        m_watched = {cursor.generation, reading.ahead.back().seq};
        m_commits = std::move(under_way);
    }
    if (!m_commits.empty()) return reading;
    // Those who ended since the first look are seen now.
    changes = m_feed.between(cursor, no_end, limit);
    if (!changes) return std::nullopt;
    return parted(std::move(*changes), cursor.seq, std::exchange(m_watched, {}).seq);
}

std::vector<std::string> FeedReader::commits() const {
    return reading<pqxx::nontransaction>(m_pool, [](auto& sql) {
        std::vector<std::string> names;
        for (auto const row : sql.exec("SELECT unnest(diaban.feed_commits())"))
            names.emplace_back(row[0].c_str());
        std::ranges::sort(names); // as bytes, whatever the database's collation
        return names;
    });
}

} // namespace diaban::data::postgis
