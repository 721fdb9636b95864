#pragma once

#include "services/domain/news.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// Gathers, step by step, what a follower has to tell: each change of the feed once, in order, with
/// the tiles that it made stale. Of the following thread alone.
class Telling {
public:
    using Tell = std::function<void(News)>;

    /// Without `tell` nothing is gathered.
    explicit Telling(Tell tell) : m_tell{std::move(tell)} {}

    /// Whether changes are gathered.
    [[nodiscard]] bool begun() const noexcept { return m_begun; }
    /// Tells that from `cursor` on changes are told; what came before is not.
    void begin(data::postgis::Cursor cursor, std::int64_t fresh);
    /// Forgets what was gathered: it will begin anew.
    void end();

    void take(data::postgis::Change const& change);
    enum class Moment : std::uint8_t { before, after };
    /// A row as the layer before or after its change draws it.
    void note(std::string const& collection, std::int64_t fid, Moment moment,
              tiles::mirror::Layer::At at, tiles::Cover cover);
    void redrawn(std::string const& collection, tiles::Cover cover,
                 std::vector<TilesNews::Cause> causes);
    void redrawn(std::string const& collection);

    /// Tells what was gathered; nothing if there is nothing new.
    ///
    /// `is_late`  whether what changed in a collection is not drawn yet.
    void tell(data::postgis::Cursor cursor, std::int64_t fresh,
              std::function<bool(std::string const&)> const& is_late);

    [[nodiscard]] static TilesNews::Cause cause(tiles::mirror::Layer::At at);

private:
    /// A row's changes that are not told yet, by their places in `m_rows`.
    struct Places {
        std::size_t first = 0;
        std::size_t last = 0;
    };

    Tell m_tell;
    bool m_begun = false;
    data::postgis::Cursor m_told;
    std::int64_t m_fresh = 0;
    std::vector<RowNews> m_rows;
    std::map<std::string, std::unordered_map<std::int64_t, Places>> m_places;
    std::vector<TilesNews> m_tiles;
    std::map<std::string, TilesNews> m_late; // of rows whose change was told before
};

} // namespace diaban::services::domain
