#include "services/domain/telling.hpp"

#include <chrono>

namespace diaban::services::domain {

void Telling::begin(data::postgis::Cursor cursor, std::int64_t fresh) {
    if (!m_tell) return;
    m_begun = true;
    m_told = cursor;
    m_fresh = fresh;
    News news;
    news.anew = true;
    news.cursor = cursor;
    news.fresh = fresh;
    m_tell(std::move(news));
}

void Telling::end() {
    m_begun = false;
    m_rows.clear();
    m_places.clear();
    m_tiles.clear();
    m_late.clear();
}

void Telling::take(data::postgis::Change const& change) {
    if (!m_begun || change.seq <= m_told.seq) return;
    auto const [it, is_new] =
        m_places[change.collection].try_emplace(change.fid, Places{m_rows.size(), m_rows.size()});
    if (!is_new) it->second.last = m_rows.size();
    m_rows.emplace_back().change = change;
}

TilesNews::Cause Telling::cause(tiles::mirror::Layer::At at) {
    auto const& of = at.run->class_table[at.run->classes[at.row]];
    return {at.run->boxes[at.row], of.scope, of.sensitivity};
}

/// A row that changed twice before it was drawn was drawn as it was before the first change and is
/// drawn as it is after the last: nobody ever saw it in between.
void Telling::note(std::string const& collection, std::int64_t fid, Moment moment,
                   tiles::mirror::Layer::At at, tiles::Cover cover) {
    if (!m_begun) return;
    auto reason = cause(at);
    if (auto const rows = m_places.find(collection); rows != m_places.end())
        if (auto const it = rows->second.find(fid); it != rows->second.end()) {
            Drawn drawn{std::move(cover), std::move(reason.scope), reason.sensitivity};
            if (moment == Moment::before)
                m_rows[it->second.first].before = std::move(drawn);
            else
                m_rows[it->second.last].after = std::move(drawn);
            return;
        }
    auto& late = m_late[collection];
    if (!late.cover) late.cover.emplace();
    for (auto const& cell : cover.cells()) late.cover->add(cell.tile, cell.with_descendants);
    late.causes.push_back(std::move(reason));
}

void Telling::redrawn(std::string const& collection, tiles::Cover cover,
                      std::vector<TilesNews::Cause> causes) {
    if (m_begun && !cover.empty())
        m_tiles.push_back({collection, std::move(cover), std::move(causes)});
}

void Telling::redrawn(std::string const& collection) {
    if (m_begun) m_tiles.push_back({collection, std::nullopt, {}});
}

void Telling::tell(data::postgis::Cursor cursor, std::int64_t fresh,
                   std::function<bool(std::string const&)> const& is_late) {
    if (!m_begun) return;
    for (auto& [collection, late] : m_late) {
        late.collection = collection;
        late.cover->finish();
        m_tiles.push_back(std::move(late));
    }
    m_late.clear();
    m_places.clear();
    if (m_rows.empty() && m_tiles.empty() && cursor == m_told && fresh == m_fresh) return;
    auto const now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    for (auto& row : m_rows) {
        row.told = {now};
        row.tiles_follow = is_late(row.change.collection);
    }
    m_told = cursor;
    m_fresh = fresh;
    News news;
    news.tiles = std::exchange(m_tiles, {});
    news.rows = std::exchange(m_rows, {});
    news.cursor = cursor;
    news.fresh = fresh;
    m_tell(std::move(news));
}

} // namespace diaban::services::domain
