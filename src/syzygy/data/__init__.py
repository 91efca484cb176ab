"""Where inputs come from: the catalogue of data sets, the local store, and the builder of an Almanac.

This is the only room that may open a network connection, and it does so only in `fetch_data_set`.
"""

from syzygy.data.assembly import build_almanac
from syzygy.data.catalogue import CATALOGUE, DataSet, find_data_set
from syzygy.data.download import fetch_data_set
from syzygy.data.store import FoundDataSet, list_data_sets, locate_data_set, store_directory

__all__ = [
    "CATALOGUE",
    "DataSet",
    "FoundDataSet",
    "build_almanac",
    "fetch_data_set",
    "find_data_set",
    "list_data_sets",
    "locate_data_set",
    "store_directory",
]
