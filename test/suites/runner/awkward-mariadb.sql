CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE `it's = odd`;
CREATE TABLE `it's = odd`.one (id int);
INSERT INTO `it's = odd`.one VALUES (1), (2);
CREATE USER app@'%' IDENTIFIED BY 'app-password';
CREATE ROLE readers;
GRANT SELECT ON shop.* TO readers;
GRANT readers TO app@'%';
USE shop;
CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO accounts SELECT seq, 1000 FROM seq_1_to_100;
CREATE TABLE transfers (n int PRIMARY KEY AUTO_INCREMENT, source int, target int);
CREATE TABLE generated (id int PRIMARY KEY AUTO_INCREMENT, a int, `(b) VALUES` int AS (a * 2) VIRTUAL, c int AS (a + 1) STORED);
INSERT INTO generated (a) SELECT seq FROM seq_1_to_50;
CREATE TABLE texts (id int PRIMARY KEY, words text, raw blob, bits bit(9), at timestamp(6) NULL);
INSERT INTO texts VALUES (1, '😀 four bytes', x'00ff1027225c', b'101010101', '2026-03-29 01:30:00.123456'),
  (2, 'line\nbreak\ttab \\ slash; it''s "(quoted)", ''),(''; -- no', '', NULL, NULL), (3, '', NULL, b'0', NULL), (4, NULL, NULL, NULL, NULL),
  (5, 'NULL', 'INSERT INTO `x` VALUES (1);\nUNLOCK TABLES;\n', NULL, NULL);
CREATE TABLE nothing (id int, note text);
CREATE TABLE `it's a ``quoted`` (table).x` (id int, `Select` varbinary(32));
INSERT INTO `it's a ``quoted`` (table).x` SELECT seq, unhex(sha2(seq, 256)) FROM seq_1_to_20;
CREATE VIEW rich AS SELECT * FROM accounts WHERE balance > 1000;
CREATE TABLE audit (id int PRIMARY KEY AUTO_INCREMENT, what text);
DELIMITER ;;
CREATE TRIGGER noted AFTER INSERT ON texts FOR EACH ROW BEGIN
INSERT INTO audit (what) VALUES ('a'), ('b');
END;;
CREATE PROCEDURE twice() BEGIN
INSERT INTO `nothing` VALUES (1, 'x'), (2, 'y');
END;;
CREATE FUNCTION half(n int) RETURNS int DETERMINISTIC RETURN n / 2;;
DELIMITER ;
CREATE EVENT emptier ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM audit;
CREATE TABLE events (day date NOT NULL, n int) PARTITION BY RANGE (year(day)) (
  PARTITION old VALUES LESS THAN (2026), PARTITION new VALUES LESS THAN (2027));
INSERT INTO events SELECT '2025-12-01' + INTERVAL seq DAY, seq FROM seq_0_to_60;
CREATE TABLE temp_sessions (id int PRIMARY KEY, token text);
INSERT INTO temp_sessions SELECT seq, md5(seq) FROM seq_1_to_30;
CREATE TABLE logins (id int PRIMARY KEY, session int, CONSTRAINT logins_session_fk FOREIGN KEY (session) REFERENCES temp_sessions (id));
INSERT INTO logins SELECT seq, seq FROM seq_1_to_30;
CREATE VIEW session_view AS SELECT token FROM temp_sessions;
CREATE TABLE cache_parts (k int) PARTITION BY HASH (k) PARTITIONS 2;
INSERT INTO cache_parts SELECT seq FROM seq_1_to_40;
CREATE TABLE past (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING;
INSERT INTO past VALUES (1, 1), (2, 2);
UPDATE past SET v = 3 WHERE id = 1;
CREATE SEQUENCE lonely START WITH 77;
DO NEXTVAL(lonely);
CREATE TABLE `it's = odd`.temp_other (id int);
INSERT INTO `it's = odd`.temp_other SELECT seq FROM seq_1_to_9;
CREATE TABLE loose (id int) ENGINE=MyISAM;
INSERT INTO loose VALUES (1), (2), (3);
