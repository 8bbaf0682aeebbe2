"""Invented names. Any likeness to a living person is chance."""

from __future__ import annotations

import random
from collections.abc import Iterator

FIRST = (
    "Ada", "Alma", "Amos", "Anaya", "Beatriz", "Bettina", "Calvin", "Camila", "Carlota", "Celia", "Clyde", "Consuelo",
    "Cora", "Darnell", "Delia", "Denise", "Edna", "Elias", "Emilio", "Esther", "Ezra", "Fatima", "Felicia", "Floyd",
    "Gabriela", "Grady", "Hattie", "Hector", "Ida", "Imani", "Ines", "Isaac", "Jada", "Jesse", "Joaquin", "Josephine",
    "Keisha", "Lamar", "Leona", "Lettie", "Lorena", "Lucille", "Mae", "Malik", "Marcus", "Maribel", "Mateo", "Minnie",
    "Naomi", "Nettie", "Noelia", "Odell", "Opal", "Otis", "Pearl", "Perla", "Quincy", "Ramona", "Renata", "Rosalind",
    "Roscoe", "Ruben", "Sadie", "Selma", "Silvia", "Tamika", "Thelma", "Tomas", "Verna", "Wanda", "Willa", "Xiomara",
    "Yolanda", "Zora",
)  # fmt: skip
LAST = (
    "Abernathy", "Aldana", "Ashby", "Barrow", "Beaumont", "Birchfield", "Bracken", "Calloway", "Cantu", "Cardenas",
    "Coldwell", "Crabtree", "Dawes", "Delacruz", "Dockery", "Eastwood", "Elkins", "Espinal", "Fairley", "Fontaine",
    "Galvez", "Garland", "Greenlee", "Hargrove", "Hatcher", "Hollis", "Ibarra", "Isom", "Jessup", "Kinney", "Lachance",
    "Ledbetter", "Linares", "Lockhart", "Mabry", "Marden", "Mayfield", "Montoya", "Nettles", "Newell", "Ocampo",
    "Oakley", "Pettway", "Pickett", "Poole", "Quintana", "Rainey", "Redfern", "Rosado", "Rutledge", "Salinas",
    "Sewell", "Sockabasin", "Stallard", "Tackett", "Thibodeau", "Tolliver", "Underhill", "Valdez", "Vance", "Waddell",
    "Weatherly", "Winslow", "Yarbrough", "Zamora",
)  # fmt: skip


def invented(chance: random.Random) -> Iterator[str]:
    """Names without end, none twice."""
    seen: set[str] = set()
    while True:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        if len(seen) > len(FIRST) * len(LAST) // 2:
            name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {chance.choice(LAST)}"
        if name not in seen:
            seen.add(name)
            yield name
