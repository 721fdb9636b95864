#include "services/domain/picture.hpp"

#include <algorithm>

namespace diaban::services::domain {

std::shared_ptr<View const> Picture::find(std::string_view id) const noexcept {
    auto const it = std::ranges::find_if(views, [&](auto const& view) { return view->id() == id; });
    return it == views.end() ? nullptr : *it;
}

} // namespace diaban::services::domain
