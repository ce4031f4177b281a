-- SPDX-License-Identifier: MIT
-- What a shell of SQL is asked: tables, joins, windows, recursion, JSON, full text, triggers, errors, how it shows results.
.mode box
CREATE TABLE planet(name TEXT PRIMARY KEY, mass REAL, moons INTEGER);
INSERT INTO planet VALUES ('Mercury', 0.055, 0), ('Venus', 0.815, 0), ('Earth', 1, 1), ('Mars', 0.107, 2), ('Jupiter', 317.8, 95),
    ('Saturn', 95.2, 146), ('Uranus', 14.5, 28), ('Neptune', 17.1, 16);
CREATE TABLE moon(name TEXT, of TEXT REFERENCES planet, km INTEGER);
INSERT INTO moon VALUES ('Moon', 'Earth', 3475), ('Phobos', 'Mars', 22), ('Deimos', 'Mars', 12), ('Io', 'Jupiter', 3643), ('Titan', 'Saturn', 5149);
SELECT p.name, round(mass, 2) AS mass, count(m.name) AS known, max(km) FROM planet p LEFT JOIN moon m ON m.of = p.name GROUP BY p.name ORDER BY p.mass;
SELECT name, sum(moons) OVER (ORDER BY mass DESC) AS running, rank() OVER (ORDER BY moons DESC) AS place FROM planet;
.mode list
WITH RECURSIVE n(i, a, b) AS (SELECT 1, 0, 1 UNION ALL SELECT i + 1, b, a + b FROM n WHERE i < 60) SELECT max(b) FROM n;
WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 200000) SELECT count(*), sum(i * i % 97), group_concat(DISTINCT i % 7) FROM s;
SELECT json_group_object(name, json_array(mass, moons)) FROM planet WHERE moons > 20;
SELECT key, value FROM json_each('{"a":[1,2],"b":null,"c":"\u20ac"}');
CREATE VIRTUAL TABLE text USING fts5(body);
INSERT INTO text VALUES ('the quick brown fox'), ('jumps over the lazy dog'), ('a fox is not a dog');
SELECT rowid, highlight(text, 0, '[', ']') FROM text WHERE text MATCH 'fox OR lazy' ORDER BY rank;
CREATE TABLE log(what TEXT);
CREATE TRIGGER gone AFTER DELETE ON planet BEGIN INSERT INTO log VALUES (old.name || ' is no planet'); END;
BEGIN; DELETE FROM planet WHERE mass < 0.1; SAVEPOINT a; DELETE FROM planet; ROLLBACK TO a; COMMIT;
SELECT * FROM log; SELECT count(*) FROM planet;
SELECT printf('%08.3f|%-6s|%x', 3.14159, 'ab', 48879), hex(zeroblob(3)), date('2024-02-29', '+1 year'), julianday('2000-01-01');
.mode insert moon
SELECT * FROM moon;
.schema moon
SELECT no_such FROM planet;
INSERT INTO planet VALUES ('Mars', 1, 1);
PRAGMA integrity_check;
.dump log
