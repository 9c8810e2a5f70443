-- Something for a database to work on.
CREATE TABLE student (id INTEGER PRIMARY KEY, name TEXT, points INTEGER);
CREATE TABLE answer (student INTEGER, question INTEGER, text TEXT);
CREATE INDEX answer_by_student ON answer (student);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO student SELECT i, 'student ' || i, i * 7919 % 100 FROM n;
INSERT INTO answer SELECT id, points % 7, name || hex(zeroblob(points)) FROM student;
SELECT points, count(*), group_concat(name) FROM student GROUP BY points ORDER BY 2 DESC, 1 LIMIT 20;
SELECT s.name, max(length(a.text)) FROM student s JOIN answer a ON a.student = s.id GROUP BY a.question;
UPDATE student SET points = points + 1 WHERE id IN (SELECT student FROM answer WHERE text LIKE '%99%');
SELECT name, (SELECT count(*) FROM student b WHERE b.points > a.points) FROM student a ORDER BY points LIMIT 20;
DELETE FROM answer WHERE student % 3 = 0;
SELECT question, group_concat(student, ' ') FROM answer GROUP BY question;
DROP TABLE answer;
