/* view/assets_i.h — the part of the asset table that only view itself reads. */
#pragma once
#include "view/assets.h"

/* STR is a compound literal and cannot stand in a static table of gcc 12. */
#define ASSET_STR(lit) { "" lit "", sizeof(lit) - 1 }

struct asset_more {
	struct str address, integrity;
};
/* In the order of assets[]. */
extern const struct asset_more assets__more[];
