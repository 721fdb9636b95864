#pragma once

#include "services/domain/picture.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace diaban::services::domain {

/// Keeps what was made of two views, as long as these are what is asked about: a view never
/// changes, so what was made of it does not either.
///
/// Threads  any number may ask; two that ask the same at once make it twice.
/// Memory   the last `most` answers; views are not kept alive.
template <class Made>
class KeptByViews {
public:
    explicit KeptByViews(std::size_t most) : m_most{most} {}

    using Views = std::array<std::shared_ptr<View const>, 2>;

    template <class Make>
    [[nodiscard]] std::shared_ptr<Made const> of(Views const& views, std::string const& key,
                                                 Make const& make) {
        {
            std::lock_guard const lock{m_mutex};
            for (auto const& kept : m_kept)
                if (kept.key == key && kept.views[0].lock() == views[0] &&
                    kept.views[1].lock() == views[1])
                    return kept.made;
        }
        auto made = std::make_shared<Made const>(make());
        std::lock_guard const lock{m_mutex};
        std::erase_if(m_kept, [&](Kept const& kept) {
            return kept.key == key || kept.views[0].expired() || kept.views[1].expired();
        });
        m_kept.push_front({{views[0], views[1]}, key, made});
        if (m_kept.size() > m_most) m_kept.pop_back();
        return made;
    }

private:
    struct Kept {
        std::array<std::weak_ptr<View const>, 2> views;
        std::string key;
        std::shared_ptr<Made const> made;
    };
    std::size_t m_most;
    std::mutex m_mutex;
    std::deque<Kept> m_kept; ///< last made first
};

} // namespace diaban::services::domain
